"""The conversation: a menu, plain sentences, and things done after they were confirmed."""
