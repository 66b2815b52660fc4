#!/usr/bin/env node
// Runs the program beside this file: its output, its exit status, and the signals that this process gets.
"use strict";

const { spawn } = require("node:child_process");
const path = require("node:path");

// A process group of its own: Ctrl-C reaches it once, from here, and not from the terminal as well.
const child = spawn(path.join(__dirname, "bodega"), process.argv.slice(2), {
  stdio: "inherit",
  detached: true,
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`bodega: ${error.message}`);
  process.exitCode = 1;
});
child.on("exit", (status, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exitCode = status;
  }
});
