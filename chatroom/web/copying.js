/** Copying: several rows of the log become lines as in a terminal: `12:34 <ann> hello`. */

/** @type {[selector: string, line: (row: HTMLElement, text: string) => string][]} */
const SHAPES = [
	[".message.acted", (row, text) => `${timeIn(row)}* ${nickIn(row)} ${text}`],
	[".message", (row, text) => `${timeIn(row)}<${nickIn(row)}> ${text}`],
	[".notice", (row, text) => `${timeIn(row)}-- ${text}`],
	[".day, .unread", (_, text) => `-- ${text}`],
];

/** What is shown of a row besides its text. */
const AROUND = ".by, .state, time";

/** Begins each further line of a text, so that none can be mistaken for somebody else's; as in a terminal. */
const FURTHER = "\n      | ";

/** @param {HTMLElement} log */
export function copyRowsOf(log) {
	document.addEventListener("copy", (event) => {
		const { target, clipboardData } = event;
		// What is selected in a field is the browser's to copy.
		const text = target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement ? null : selectedRows(log);
		if (text === null || !clipboardData) return;
		clipboardData.setData("text/plain", text);
		event.preventDefault();
	});
}

/**
 * Return what is selected of several rows; null if it is less than that.
 * @param {HTMLElement} log
 */
function selectedRows(log) {
	const selection = getSelection();
	if (!selection?.rangeCount) return null;
	const range = selection.getRangeAt(0);
	const rows = /** @type {HTMLElement[]} */ ([...log.children].filter((row) => range.intersectsNode(row)));
	const lines = rows.map((row) => lineOf(row, selectedText(row, range))).filter(Boolean);
	if (lines.length > 1) return lines.join("\n");
	// Of one row, too, what was typed is copied: marks are not shown, so the browser leaves them out.
	return rows.length === 1 && rows[0].querySelector(".sign") ? selectedText(rows[0], range) : null;
}

/**
 * @param {HTMLElement} row
 * @param {string} text
 */
function lineOf(row, text) {
	if (!text) return "";
	const shape = SHAPES.find(([selector]) => row.matches(selector));
	return shape ? shape[1](row, text.replaceAll("\n", FURTHER)) : text;
}

/**
 * Return the text of a row, as far as it is selected.
 * @param {HTMLElement} row
 * @param {Range} selected
 */
function selectedText(row, selected) {
	const inside = document.createRange();
	inside.selectNodeContents(row);
	if (selected.comparePoint(row, 0) === 0) inside.setStart(row, 0);
	else if (row.contains(selected.startContainer)) inside.setStart(selected.startContainer, selected.startOffset);
	if (row.contains(selected.endContainer)) inside.setEnd(selected.endContainer, selected.endOffset);
	includeSigns(inside);
	const parts = inside.cloneContents();
	for (const around of parts.querySelectorAll(AROUND)) around.remove();
	const paragraphs = [...parts.querySelectorAll("p")];
	const texts = paragraphs.length ? paragraphs.map((one) => one.textContent?.replaceAll("\n", FURTHER)) : [parts.textContent];
	return texts.join("\n").trim();
}

/**
 * Have the marks around what is selected in the selection, too.
 * @param {Range} range
 */
function includeSigns(range) {
	const { startContainer, startOffset, endContainer, endOffset } = range;
	const before = startOffset ? null : beside(startContainer, "previousSibling");
	const after = endOffset === endContainer.textContent?.length ? beside(endContainer, "nextSibling") : null;
	if (before instanceof Element && before.matches(".sign")) range.setStartBefore(before);
	if (after instanceof Element && after.matches(".sign")) range.setEndAfter(after);
}

/**
 * Return what is directly before or after *node* in the text of its message.
 * @param {Node} node
 * @param {"previousSibling" | "nextSibling"} side
 */
function beside(node, side) {
	while (!node[side] && node.parentElement && !node.parentElement.matches(".text")) node = node.parentElement;
	return node[side];
}

/** @param {HTMLElement} row */
const nickIn = (row) => row.querySelector(".nick")?.textContent ?? "";

/** @param {HTMLElement} row */
function timeIn(row) {
	const time = row.querySelector("time")?.textContent;
	return time ? `${time} ` : "";
}
