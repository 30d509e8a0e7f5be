// Stands in for what MicroPython's WebAssembly build lacks to be a board: the framing of raw-paste mode (the build cannot
// wait for a byte), the soft reset and the reboot. Parser, compiler, virtual machine, raw REPL and files are its own.
//
//     node board.mjs SOCKET
//
// The serial line is standard input and output. On the Unix socket, one JSON object a line and one in answer:
// {"files": true} for what the board holds, {path: hex}; {"start": {path: hex}} for a board that holds just that and has
// been switched on; {"reboot": true}: memory is gone, files stay.
import fs from "node:fs";
import net from "node:net";
import readline from "node:readline";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript";

const WINDOW = 128;
const [CTRL_A, CTRL_B, CTRL_C, CTRL_D, CTRL_E, ENTER] = [1, 2, 3, 4, 5, 13];

let python;
let quiet = true;
let said = [];
// So many bytes of what is said next are the raw REPL's `OK`.
let skipped = 0;
let running = false;
// Came in, and waits for its turn.
const heard = [];
// What the REPL is in, as far as the framing must know.
let raw = false;
let line = [];
let paste = null;

function say(...bytes) {
    while (skipped && bytes.length) {
        bytes.shift();
        skipped -= 1;
    }
    if (quiet) return;
    said.push(...bytes);
    // A program that runs does not come back here before it ends.
    if (said.length >= 64 || bytes[bytes.length - 1] === 10) flush();
    if (running) interrupted();
}

// This build does not look for Ctrl-C by itself while a program runs: here it does so whenever the program prints.
function interrupted() {
    try {
        const byte = Buffer.alloc(1);
        while (fs.readSync(0, byte) === 1 && byte[0] !== CTRL_C) heard.push(byte[0]);
        if (byte[0] === CTRL_C) python._module._mp_sched_keyboard_interrupt();
    } catch (error) {
        if (error.code !== "EAGAIN") throw error;
    }
}

function flush() {
    if (said.length) process.stdout.write(Uint8Array.from(said));
    said = [];
}

const text = (words) => say(...Buffer.from(words));

// Runs with nothing said, and returns what would have been.
function silently(run) {
    flush();
    const before = quiet;
    quiet = false;
    const write = process.stdout.write;
    const kept = [];
    process.stdout.write = (bytes) => kept.push(...bytes);
    run();
    flush();
    process.stdout.write = write;
    quiet = before;
    return kept;
}

// Memory is empty, the files are these; nothing runs yet.
async function load(files) {
    flush();
    quiet = true;
    python = await loadMicroPython({ heapsize: 256 * 1024, linebuffer: false, stdout: (bytes) => say(...bytes) });
    for (const [path, content] of files) {
        if (content) python.FS.writeFile(path, content);
        else python.FS.mkdirTree(path);
    }
}

function start() {
    silently(() => python.replInit());
    quiet = false;
    const has = (path) => python.FS.analyzePath(path).exists;
    if (has("/boot.py")) run(python.FS.readFile("/boot.py", { encoding: "utf8" }));
    // A board that was reset out of raw mode comes back in it, and leaves its program alone.
    if (!raw && has("/main.py")) run(python.FS.readFile("/main.py", { encoding: "utf8" }));
    const banner = silently(() => python.replInit());
    if (raw) say(...silently(() => python.replProcessChar(CTRL_A)).slice(2));
    else say(...banner);
    line = [];
    paste = null;
}

// As the REPL runs a statement: only then does Ctrl-C reach it.
function run(program) {
    silently(() => [CTRL_A, ...Buffer.from(program)].forEach((byte) => python.replProcessChar(byte)));
    skipped = 2;
    running = true;
    python.replProcessChar(CTRL_D);
    running = false;
    flush();
    silently(() => python.replProcessChar(CTRL_B));
}

// Whatever lies in the folders that are the board's own.
function files() {
    const found = [];
    const walk = (folder) => {
        for (const name of python.FS.readdir(folder || "/")) {
            const path = `${folder}/${name}`;
            if ([".", ".."].includes(name) || ["/dev", "/proc", "/tmp", "/home"].includes(path)) continue;
            if (python.FS.isDir(python.FS.stat(path).mode)) {
                found.push([path, null]);
                walk(path);
            } else found.push([path, python.FS.readFile(path)]);
        }
    };
    walk("");
    return found;
}

async function restart(words) {
    text(words);
    await load(files());
    start();
}

async function hear(byte) {
    if (paste) return pasted(byte);
    if (raw && byte === CTRL_A && line.length === 2 && line[0] === CTRL_E && line[1] === 0x41) {
        // The interpreter's own line holds the two bytes as well.
        python.replProcessChar(CTRL_C);
        paste = [];
        line = [];
        return say(0x52, 1, WINDOW, 0, 1);
    }
    running = byte === CTRL_D || byte === ENTER;
    const ended = python.replProcessChar(byte);
    running = false;
    if (ended) return restart("MPY: soft reboot\r\n");
    if (byte === CTRL_B) raw = false;
    // Only on an empty line; a friendly one that was typed half is not followed here.
    if (byte === CTRL_A) raw = true;
    if (byte <= CTRL_D) line = [];
    else line.push(byte);
}

function pasted(byte) {
    if (byte !== CTRL_C && byte !== CTRL_D) {
        if (paste.push(byte) % WINDOW === 0) say(CTRL_A);
        return;
    }
    say(CTRL_D);
    const code = byte === CTRL_D ? paste : [...Buffer.from("raise KeyboardInterrupt")];
    paste = null;
    const answer = silently(() => [...code, CTRL_D].forEach((each) => python.replProcessChar(each)));
    // The raw REPL's `OK` has no place in a paste.
    say(...answer.slice(2));
}

// One byte after the other, even while the board starts again.
let turn = load([]).then(start).then(flush);
process.stdin.on("data", (bytes) => {
    heard.push(...bytes);
    turn = turn.then(async () => {
        while (heard.length) await hear(heard.shift());
        flush();
    });
});
process.stdin.on("end", () => process.exit());

const told = {
    files: () => Object.fromEntries(files().filter(([, bytes]) => bytes).map(([path, bytes]) => [path, hex(bytes)])),
    async start(wanted) {
        raw = false;
        await load(Object.entries(wanted).map(([path, bytes]) => [path, Buffer.from(bytes, "hex")]));
        return {};
    },
    async reboot() {
        raw = false;
        await load(files());
        return {};
    },
};

const hex = (bytes) => Buffer.from(bytes).toString("hex");

net.createServer((socket) => {
    readline.createInterface({ input: socket }).on("line", (words) => {
        const [[what, how]] = Object.entries(JSON.parse(words));
        turn = turn.then(async () => {
            socket.write(JSON.stringify(await told[what](how)) + "\n");
            // A program may run for ever.
            if (what !== "files") start();
            flush();
        });
    });
}).listen(process.argv[2]);
