"""People: who is here, their accounts and nicks, and what each may use."""
