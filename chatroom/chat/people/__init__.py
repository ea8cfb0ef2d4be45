"""People: who is here, their accounts, nicks and budgets."""
