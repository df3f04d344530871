// Shows /openapi.json: operations by tag, each with its parameters, bodies, answers and examples.
// Text reaches the page as text nodes only, so nothing in the document can become markup.
"use strict";

const LABELS = {
  fr: {
    filter: "Filtrer", parameters: "Paramètres", body: "Corps de la requête", answers: "Réponses",
    required: "obligatoire", example: "Exemple", details: "Champs", other: "Divers", headers: "En-têtes",
    secured: "Jeton d’accès requis (Authorization: Bearer)", optional: "Jeton d’accès facultatif (Authorization: Bearer)",
    in: { path: "chemin", query: "requête", header: "en-tête", cookie: "cookie" },
    failed: "Le document OpenAPI n’a pas pu être lu : ", anyStatus: "autres",
  },
  en: {
    filter: "Filter", parameters: "Parameters", body: "Request body", answers: "Responses",
    required: "required", example: "Example", details: "Fields", other: "Other", headers: "Headers",
    secured: "Needs an access token (Authorization: Bearer)", optional: "Takes an access token (Authorization: Bearer)",
    in: { path: "path", query: "query", header: "header", cookie: "cookie" },
    failed: "The OpenAPI document could not be read: ", anyStatus: "others",
  },
};
const METHODS = ["get", "post", "put", "patch", "delete"];
const DEEPEST = 5;

const language = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LABELS) ?? "fr";
const labels = LABELS[language];
let openapi;

/** An element with properties and children; children that are null are left out. */
function make(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** What a reference stands for. */
function resolve(thing) {
  if (!thing?.$ref) return thing ?? {};
  const keys = thing.$ref.slice(2).split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return resolve(keys.reduce((found, key) => found?.[key], openapi));
}

/** Paragraphs, and `code` between backquotes. */
function prose(text, className = "") {
  return (text ?? "").split(/\n\s*\n/).filter(Boolean).map((paragraph) =>
    make("p", { className }, ...paragraph.split("`").map((part, i) => i % 2 ? make("code", {}, part) : part)));
}

// ---- Schemas

const isNull = (schema) => schema.type === "null";
const choices = (schema) => schema.oneOf ?? schema.anyOf ?? [];

/** `string`, `ItemId: string (uuid)`, `Money | null`, `[CartLine]`, … */
function typeName(schema) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    const known = resolve(schema);
    return known.type === "object" || choices(known).length || known.allOf ? name : `${name}: ${typeName(known)}`;
  }
  if (choices(schema).length) return [...choices(schema)].sort((a, b) => isNull(a) - isNull(b)).map(typeName).join(" | ");
  if (schema.allOf) return schema.allOf.map(typeName).join(" & ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const types = [schema.type ?? "any"].flat();
  const [first] = types;
  const name = first === "array" ? `[${typeName(schema.items ?? {})}]` : first;
  const format = schema.format && !/^u?int|^double/.test(schema.format) ? ` (${schema.format})` : "";
  return [name + format, ...types.slice(1)].join(" | ");
}

/** `1 … 9999`, `≤ 100`, … */
function limits(schema) {
  const range = (least, most, unit) =>
    least === undefined && most === undefined ? null
      : (most === undefined ? `≥ ${least}` : least === undefined ? `≤ ${most}` : `${least} … ${most}`) + unit;
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = resolve(schema);
  return [range(minimum, maximum, ""), range(minLength, maxLength, " ch."), range(minItems, maxItems, " ×"), pattern]
    .filter(Boolean).join(", ");
}

/** The properties of an object, of what an array holds, or of all that a choice may be. */
function properties(schema) {
  const known = resolve(schema);
  if (known.items) return properties(known.items);
  return [...choices(known), ...(known.allOf ?? [])].reduce((all, one) => all.concat(properties(one)),
    Object.entries(known.properties ?? {}).map(([name, property]) =>
      ({ name, schema: property, required: known.required?.includes(name) })));
}

/** What is said of this very use of a schema, or else of the schema. */
function describe(schema) {
  return schema.description ?? choices(schema).find((one) => one.description)?.description ?? resolve(schema).description;
}

function field(name, schema, { required, place, description, depth = 0 }) {
  const inner = depth < DEEPEST ? properties(schema) : [];
  const type = [typeName(schema), limits(schema), place].filter(Boolean).join(" · ");
  return make("div", { className: "field" },
    make("dt", {}, name, " ", required ? make("span", { className: "required" }, labels.required) : null),
    make("dd", {},
      make("div", { className: "type" }, type),
      ...prose(description ?? describe(schema)),
      inner.length ? make("details", { className: "inner" }, make("summary", {}, labels.details), fields(inner, depth + 1)) : null));
}

function fields(list, depth = 0) {
  return make("dl", { className: "fields" },
    ...list.map(({ name, schema, required }) => field(name, schema, { required, depth })));
}

/** A value that the schema would take, made from its examples where it has some. */
function example(schema, depth = 0) {
  const known = resolve(schema);
  const given = schema.example ?? schema.examples?.[0] ?? known.example ?? known.examples?.[0] ?? known.default ?? known.enum?.[0];
  if (given !== undefined) return given;
  if (depth > DEEPEST) return null;
  const choice = choices(known).find((one) => !isNull(one));
  if (choice) return example(choice, depth);
  if (known.allOf) return Object.assign({}, ...known.allOf.map((one) => example(one, depth)));
  switch ([known.type].flat().find((type) => type !== "null")) {
    case "object": return Object.fromEntries(Object.entries(known.properties ?? {}).map(([name, property]) => [name, example(property, depth + 1)]));
    case "array": return known.items ? [example(known.items, depth + 1)] : [];
    case "integer": case "number": return known.minimum ?? 0;
    case "boolean": return true;
    case "string": return known.format ?? "…";
    default: return null;
  }
}

/** A body: its fields and an example, for each media type. */
function content(bodies, open) {
  return Object.entries(bodies ?? {}).flatMap(([media, { schema, example: given }]) => {
    if (!schema) return [make("p", { className: "hint" }, make("code", {}, media))];
    const list = properties(schema);
    const value = given ?? example(schema);
    return [
      make("p", { className: "hint" }, make("code", {}, typeName(schema)), " · ", media),
      list.length ? fields(list) : null,
      value === null ? null : make("details", { className: "inner", open }, make("summary", {}, labels.example), make("pre", {}, JSON.stringify(value, null, 2))),
    ];
  });
}

// ---- Operations

function anchor({ method, path }) {
  return `${method}-${path}`;
}

/** A parameter that may be left out is written as one that may be null, which no address can be. */
function withoutNull(schema) {
  return Array.isArray(schema.type) ? { ...schema, type: schema.type.filter((type) => type !== "null") } : schema;
}

function parameters(list) {
  return make("dl", { className: "fields" }, ...list.map(resolve).map((parameter) =>
    field(parameter.name, withoutNull(parameter.schema ?? {}), { ...parameter, place: labels.in[parameter.in] })));
}

function response([status, reference]) {
  const { description, headers, content: bodies } = resolve(reference);
  const given = Object.entries(headers ?? {}).map(([name, header]) => ({ name, schema: resolve(header).schema ?? {} }));
  const refusal = status === "default";
  return make("div", { className: "response" },
    make("h4", {}, refusal ? labels.anyStatus : status, description ? ` – ${description}` : ""),
    given.length ? make("p", { className: "hint" }, labels.headers) : null,
    given.length ? fields(given) : null,
    ...(refusal
      ? Object.entries(bodies ?? {}).map(([media, { schema }]) => make("p", { className: "hint" }, make("code", {}, typeName(schema ?? {})), " · ", media))
      : content(bodies, false)));
}

function security(requirements) {
  if (!requirements?.length) return null;
  const optional = requirements.some((one) => Object.keys(one).length === 0);
  return make("p", { className: "hint" }, optional ? labels.optional : labels.secured);
}

function fill(body, { operation, shared }) {
  const list = [...(shared ?? []), ...(operation.parameters ?? [])];
  const request = operation.requestBody && resolve(operation.requestBody);
  const parts = [
    ...prose(operation.description),
    security(operation.security),
    list.length ? make("h3", {}, labels.parameters) : null,
    list.length ? parameters(list) : null,
    request ? make("h3", {}, labels.body) : null,
    ...(request ? content(request.content, true) : []),
    make("h3", {}, labels.answers),
    ...Object.entries(operation.responses ?? {}).map(response),
  ];
  body.append(...parts.filter((part) => part !== null));
}

/** One operation, closed; what is in it is made when it is opened for the first time. */
function card(entry) {
  const { method, path, operation } = entry;
  const body = make("div", { className: "body" });
  const made = make("details", { className: "operation", id: anchor(entry) },
    make("summary", {},
      make("span", { className: `method ${method}` }, method),
      make("span", { className: "path" }, path),
      make("span", { className: "summary" }, ...prose(operation.summary))),
    body);
  made.addEventListener("toggle", () => body.childElementCount || fill(body, entry));
  return made;
}

function link(entry) {
  return make("a", { href: `#${anchor(entry)}` },
    make("span", { className: `method ${entry.method}` }, entry.method),
    make("span", { className: "path" }, entry.path));
}

function byTag() {
  const groups = new Map((openapi.tags ?? []).map(({ name }) => [name, []]));
  for (const [path, item] of Object.entries(openapi.paths ?? {})) {
    for (const method of METHODS.filter((name) => item[name])) {
      const operation = item[method];
      const tag = operation.tags?.[0] ?? labels.other;
      groups.set(tag, [...(groups.get(tag) ?? []), { method, path, operation, shared: item.parameters }]);
    }
  }
  return [...groups].filter(([, entries]) => entries.length);
}

// ---- The page

const place = (id) => document.getElementById(id);

function show() {
  const { title, version, description } = openapi.info;
  document.title = `${title} · API`;
  place("title").textContent = title;
  place("version").textContent = version;
  const about = (tag) => openapi.tags?.find(({ name }) => name === tag)?.description;
  place("operations").append(...prose(description, "intro"));
  for (const [tag, entries] of byTag()) {
    place("contents").append(make("h2", {}, tag), ...entries.map(link));
    place("operations").append(make("section", {}, make("h2", {}, tag), ...prose(about(tag), "intro"), ...entries.map(card)));
  }
}

/** Leaves what has every word of the filter in its method, path or summary. */
function filter() {
  const words = place("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (element) => words.every((word) => element.textContent.toLowerCase().includes(word));
  for (const section of document.querySelectorAll("main > section")) {
    const cards = [...section.querySelectorAll(".operation")];
    for (const one of cards) one.hidden = !fits(one.querySelector("summary"));
    section.hidden = cards.every((one) => one.hidden);
  }
}

/** Opens the operation that the address names. */
function follow() {
  const target = place(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  target.open = true;
  target.scrollIntoView();
}

async function start() {
  document.documentElement.lang = language;
  place("filter").placeholder = labels.filter;
  place("filter").ariaLabel = labels.filter;
  place("filter").addEventListener("input", filter);
  window.addEventListener("hashchange", follow);
  try {
    const answer = await fetch("/openapi.json");
    if (!answer.ok) throw new Error(answer.status);
    openapi = await answer.json();
    show();
    follow();
  } catch (error) {
    place("operations").append(make("p", { className: "notice" }, labels.failed, String(error.message ?? error)));
  }
}

start();
