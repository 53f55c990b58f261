"use strict";

// The one thing the page does: send the query and show the answer.
const form = document.getElementById("ask");
const query = document.getElementById("query");
const state = document.getElementById("state");
const answer = document.getElementById("answer");
const button = form.querySelector("button");

async function run() {
  button.disabled = true;
  state.textContent = "asking";
  const started = performance.now();
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query: query.value }),
    });
    const body = await response.text();
    const taken = Math.round(performance.now() - started);
    let shown = body;
    let refused = !response.ok;
    try {
      const parsed = JSON.parse(body);
      refused = refused || Boolean(parsed.errors);
      shown = JSON.stringify(parsed, null, 2);
    } catch {
      // What is no JSON is shown as it came.
    }
    answer.textContent = shown;
    answer.hidden = false;
    state.textContent = (refused ? "refused" : "answered") + " in " + taken + " ms";
  } catch {
    state.textContent = "the server does not answer";
  } finally {
    button.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
query.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});
