"""The IRC dialect: messages of RFC 1459 and RFC 2812 with the extensions of IRCv3, parsed and rendered."""
