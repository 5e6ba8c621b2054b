"""What people do at the help desk: feedback, unanswered questions, tickets."""
