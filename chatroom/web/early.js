/* What must be known before the first paint: the theme, and whether a session goes on. */
try {
  document.documentElement.dataset.theme = JSON.parse(localStorage.getItem("chatroom.settings")).theme;
} catch {
  // Nothing is kept, or storage is switched off: the system's theme.
}
try {
  if (JSON.parse(sessionStorage.getItem("chatroom.session")).token) document.documentElement.dataset.view = "chat";
} catch {
  // There is none: the view to join from.
}
