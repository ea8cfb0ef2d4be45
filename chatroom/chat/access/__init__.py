"""Access control: entry, login, nicks and server bans."""
