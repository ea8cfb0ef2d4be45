/** The connection to the server: makes it, notices when it is gone, and makes it again. */

const SHORTEST = 500;
const LONGEST = 30000;
const SILENCE = 40000;
const PATIENCE = 10000;

/** One WebSocket after the other. */
export class Link {
  #socket = null;
  #timer = 0;
  #failures = 0;
  #heard = 0;
  #pinged = 0;
  #hopeful = false;
  #on;

  /**
   * @param {{opened: Function, received: Function, lost: Function, waiting: Function}} on
   *   opened(); received(objects) for each message; lost(code) once a connection is gone;
   *   waiting(seconds) when the next one will be tried after that long
   */
  constructor(on) {
    this.#on = on;
    setInterval(() => this.#look(), 5000);
    addEventListener("online", () => this.#hurry());
    addEventListener("offline", () => this.#drop(1006));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      this.#hurry();
      // After a sleep the socket may be dead without having noticed.
      if (performance.now() - this.#heard > 2 * PATIENCE) this.#ping();
    });
  }

  /** Connect now; and go on trying, should it not work, if *hopeful*. */
  open(hopeful) {
    this.#hopeful = hopeful;
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#socket) return;
    const url = new URL("ws", document.baseURI);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#heard = performance.now();
    this.#pinged = 0;
    socket.onopen = () => this.#on.opened();
    socket.onclose = (event) => this.#drop(event.code);
    socket.onmessage = ({ data }) => {
      this.#heard = performance.now();
      this.#pinged = 0;
      this.#on.received(data.split("\n").filter(Boolean).map((line) => JSON.parse(line)));
    };
  }

  /** Send one object; false if there is no connection. */
  send(object) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(object));
    return true;
  }

  /** All is well: should the connection break, the next one is made at once. */
  steady() {
    this.#failures = 0;
    this.#hopeful = true;
  }

  /** Give up the connection; try again if *hopeful*. */
  close(hopeful) {
    this.#hopeful = hopeful;
    if (!hopeful) {
      clearTimeout(this.#timer);
      this.#timer = 0;
    }
    this.#drop(1000);
  }

  #drop(code) {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
    this.#on.lost(code);
    if (this.#hopeful) this.#wait();
  }

  #wait() {
    // Not all at the same moment, when a server comes back to a thousand pages.
    const delay = Math.min(LONGEST, SHORTEST * 2 ** this.#failures++) * (0.5 + Math.random());
    this.#timer = setTimeout(() => this.open(true), delay);
    this.#on.waiting(Math.max(1, Math.round(delay / 1000)));
  }

  #hurry() {
    if (this.#timer) this.open(true);
  }

  #look() {
    const now = performance.now();
    if (!this.#socket) return;
    if (this.#pinged ? now - this.#pinged > PATIENCE : this.#socket.readyState === 0 && now - this.#heard > SILENCE)
      this.#drop(1006);
    else if (!this.#pinged && now - this.#heard > SILENCE) this.#ping();
  }

  #ping() {
    if (this.send({ type: "ping" })) this.#pinged = performance.now();
  }
}
