/** The connection to the server, which is made again when it is gone. */

const SHORTEST = 500;
const LONGEST = 30000;
const SILENCE = 40000;
const PATIENCE = 10000;

/** Calls back `opened()`, `received(objects)`, `lost(code)`, and `waiting(seconds)` for the next attempt. */
export function makeLink({ opened, received, lost, waiting }) {
	let socket = null;
	let timer = 0;
	let failures = 0;
	let heard = 0;
	let pinged = 0;

	/** `hopeful`: whether to go on trying. */
	const link = { hopeful: false, open, send, close, steady: () => (failures = 0) };

	function open() {
		clearTimeout(timer);
		timer = 0;
		if (socket) return;
		const url = new URL("ws", document.baseURI);
		url.protocol = url.protocol.replace("http", "ws");
		socket = new WebSocket(url);
		alive();
		socket.onopen = opened;
		socket.onclose = ({ code }) => close(code);
		socket.onmessage = ({ data }) => {
			alive();
			received(data.split("\n").filter(Boolean).map((line) => JSON.parse(line)));
		};
	}

	/** Send an object; returns whether there is a connection. */
	function send(object) {
		const able = socket?.readyState === WebSocket.OPEN;
		if (able) socket.send(JSON.stringify(object));
		return able;
	}

	/** Give the connection up; if there is hope, another one follows. */
	function close(code) {
		const gone = socket;
		if (gone) {
			socket = gone.onopen = gone.onclose = gone.onmessage = null;
			gone.close();
			lost(code);
		}
		clearTimeout(timer);
		timer = 0;
		if (!link.hopeful) return;
		// Not all at the same moment, when a server comes back to a thousand pages.
		const delay = Math.min(LONGEST, SHORTEST * 2 ** failures++) * (0.5 + Math.random());
		timer = setTimeout(open, delay);
		waiting(Math.ceil(delay / 1000));
	}

	function alive() {
		heard = performance.now();
		pinged = 0;
	}

	const ping = () => send({ type: "ping" }) && (pinged = performance.now());
	const hurry = () => timer && open();

	setInterval(() => {
		const silent = performance.now() - (pinged || heard);
		if (socket && silent > PATIENCE && (pinged || socket.readyState !== WebSocket.OPEN)) close();
		else if (silent > SILENCE) ping();
	}, 5000);
	addEventListener("online", hurry);
	addEventListener("offline", () => close());
	document.addEventListener("visibilitychange", () => {
		if (document.hidden) return;
		hurry();
		// After a sleep the socket may be dead without having noticed.
		if (performance.now() - heard > PATIENCE) ping();
	});
	return link;
}
