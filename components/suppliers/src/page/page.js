"use strict";
const english = !(navigator.language || "fr").toLowerCase().startsWith("fr");
const say = (fr, en) => (english ? en : fr);
const at = (id) => document.getElementById(id);
document.documentElement.lang = say("fr", "en");
for (const element of document.querySelectorAll("[data-fr]")) {
  element.textContent = english ? element.dataset.en : element.dataset.fr;
}

const first = `{
  products(first: 3) {
    edges { node { id sku name quantity price { amount currency } } }
    pageInfo { hasNextPage endCursor }
  }
}
`;
// What is typed stays in this tab; the token goes with it when it is closed.
const kept = ["token", "query", "variables"];
for (const id of kept) {
  at(id).value = sessionStorage.getItem(`graphql.${id}`) ?? (id === "query" ? first : "");
  at(id).addEventListener("input", () => sessionStorage.setItem(`graphql.${id}`, at(id).value));
}

async function ask(query, variables) {
  const begun = performance.now();
  const headers = {
    "Content-Type": "application/json",
    "Accept": "application/graphql-response+json, application/json;q=0.9",
    "Accept-Language": say("fr", "en"),
  };
  const token = at("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(location.pathname, {
    method: "POST", headers, body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const took = Math.round(performance.now() - begun);
  let body = text;
  try { body = JSON.parse(text); } catch { /* shown as it is */ }
  const cost = body?.extensions?.cost;
  const points = cost ? ` · ${cost.actualQueryCost}/${cost.requestedQueryCost} points` : "";
  at("status").textContent = `${response.status} · ${took} ms${points}`;
  return body;
}

function show(body) {
  at("answer").textContent = typeof body === "string" ? body : JSON.stringify(body, null, 2);
}

async function run() {
  let variables = null;
  const typed = at("variables").value.trim();
  try {
    variables = typed ? JSON.parse(typed) : null;
  } catch {
    return show(say("Les variables ne sont pas du JSON.", "The variables are not JSON."));
  }
  try {
    show(await ask(at("query").value, variables));
  } catch (error) {
    show(String(error));
  }
}

const introspection = `{ __schema { types {
  name kind description
  fields { name description type { ...T } args { name type { ...T } } }
  inputFields { name description type { ...T } }
  enumValues { name description }
} } }
fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }`;

function typeName(type) {
  if (type.kind === "NON_NULL") return `${typeName(type.ofType)}!`;
  if (type.kind === "LIST") return `[${typeName(type.ofType)}]`;
  return type.name;
}

function element(tag, text, ...children) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

function line(member) {
  const args = (member.args ?? []).map((arg) => `${arg.name}: ${typeName(arg.type)}`).join(", ");
  const type = member.type ? `: ${typeName(member.type)}` : "";
  const item = element("li", "", element("code", `${member.name}${args ? `(${args})` : ""}${type}`));
  if (member.description) item.append(element("p", member.description));
  return item;
}

async function readSchema() {
  const body = await ask(introspection, null);
  if (!body?.data) return show(body);
  const types = body.data.__schema.types.filter((type) => !type.name.startsWith("__") && type.kind !== "SCALAR");
  const order = (type) => ["Query", "Mutation"].indexOf(type.name) + 1 || 3;
  types.sort((one, other) => order(one) - order(other) || one.name.localeCompare(other.name));
  at("schema").replaceChildren(...types.flatMap((type) => {
    const members = type.fields ?? type.inputFields ?? type.enumValues ?? [];
    const description = type.description ? [element("p", type.description)] : [];
    return [element("h3", type.name), ...description, element("ul", "", ...members.map(line))];
  }));
}

at("run").addEventListener("click", run);
at("read").addEventListener("click", () => readSchema().catch((error) => show(String(error))));
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});
