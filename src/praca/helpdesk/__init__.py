"""The help desk: articles, answers made of them, questions, and the chatbot."""
