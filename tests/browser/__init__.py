"""The page in a real browser, against a real server: people at Chromium beside people at nc."""
