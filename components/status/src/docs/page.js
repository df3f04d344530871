// Shows /openapi.json: operations by tag, each with its parameters, bodies and answers, and the schemas by name.
// The document is in English; the words of the page itself are in the reader's language.
// Text reaches the page as text nodes only, so nothing in the document can become markup.
"use strict";

/** The words of the page: French, English. */
const WORDS = {
  skip: ["Aller au document", "Skip to the document"], contents: ["Sommaire", "Contents"],
  filter: ["Filtrer", "Filter"], of: ["sur", "of"], nothing: ["Rien ne correspond.", "Nothing matches."],
  operations: ["opérations", "operations"], schemas: ["schémas", "schemas"], other: ["Divers", "Other"],
  secured: ["Jeton d’accès requis (Authorization: Bearer)", "Needs an access token (Authorization: Bearer)"],
  optional: ["Jeton d’accès facultatif (Authorization: Bearer)", "Takes an access token (Authorization: Bearer)"],
  identifier: ["Identifiant", "Identifier"], parameters: ["Paramètres", "Parameters"], headers: ["En-têtes", "Headers"],
  body: ["Corps de la requête", "Request body"], responses: ["Réponses", "Responses"], anyStatus: ["autres", "others"],
  path: ["chemin", "path"], query: ["requête", "query"], header: ["en-tête", "header"], cookie: ["cookie", "cookie"],
  required: ["obligatoire", "required"], fields: ["Champs", "Fields"], example: ["Exemple", "Example"],
  like: ["ex.", "e.g."], file: ["fichier", "file"], oneOf: ["L’un de :", "One of:"],
  anyName: ["tout autre nom", "any other name"], closed: ["aucun autre champ", "no other fields"],
  characters: ["caractères", "characters"], entries: ["éléments", "entries"], names: ["champs", "fields"],
  each: ["chacun", "each"], unique: ["sans doublon", "no duplicates"], multiple: ["multiple de", "multiple of"],
  pattern: ["motif", "pattern"], absent: ["par défaut", "default"], deprecated: ["obsolète", "deprecated"],
  readOnly: ["en lecture seule", "read only"], writeOnly: ["en écriture seule", "write only"],
  failed: ["Le document OpenAPI n’a pas pu être lu :", "The OpenAPI document could not be read:"],
};
const METHODS = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];
/** A schema may hold itself: an example of it ends at this depth. */
const DEEPEST_EXAMPLE = 5;

const LANGUAGES = ["fr", "en"];
const language = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => LANGUAGES.includes(tag)) ?? "en";
const inLanguage = ([name, words]) => [name, words[LANGUAGES.indexOf(language)]];
const labels = Object.fromEntries(Object.entries(WORDS).map(inLanguage));
/** As wide as in page.css. */
const wide = window.matchMedia("(min-width: 60rem)");
let openapi;
/** What the filter works on: parts of the document and of the contents, with the entries in them. */
const groups = [];

const place = (id) => document.getElementById(id);

/** An element with properties and children; children that are null are left out. */
function make(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Words of the page inside the English document. */
const say = (text) => make("span", { lang: language }, text);
const required = () => make("span", { className: "required", lang: language }, ` ${labels.required}`);
const hint = (...children) => make("p", { className: "hint" }, ...children);
const join = (parts, separator) => parts.flatMap((part, i) => (i ? [separator, part] : [part])).flat();

/** `code` between backquotes. */
const inline = (text) => text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
const paragraphs = (text) => (text ?? "").split(/\n\s*\n/).filter((paragraph) => paragraph.trim());
const prose = (text, className = "") => paragraphs(text).map((one) => make("p", { className }, ...inline(one)));

/** What is opened by its summary; what is in it is made then, for the first time. */
function disclosure(properties, summary, build) {
  const body = make("div", { className: "body" });
  const made = make("details", properties, make("summary", {}, ...summary), body);
  made.build = () => body.childElementCount || body.append(...build().filter(Boolean));
  made.addEventListener("toggle", made.build);
  return made;
}

const inner = (summary, build) => disclosure({ className: "inner" }, summary, build);

/** What a reference stands for, with what is said beside it. */
function resolve(thing) {
  if (!thing?.$ref) return thing ?? {};
  const { $ref, ...beside } = thing;
  const keys = $ref.slice(2).split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return { ...resolve(keys.reduce((found, key) => found?.[key], openapi)), ...beside };
}

// ---- Schemas

const isNull = (schema) => schema.type === "null";
const choices = (schema) => schema.oneOf ?? schema.anyOf ?? [];

/** The schema that is meant, where `null` is the only other choice. */
function meant(schema) {
  const { oneOf, anyOf, ...own } = resolve(schema);
  const others = (oneOf ?? anyOf ?? []).filter((one) => !isNull(one));
  return others.length === 1 ? { ...meant(others[0]), ...own } : resolve(schema);
}

/** `ItemId: string (uuid)`, `Money | null`, `[CartLine]`, … where names lead to their schemas. */
function type(schema) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    const known = resolve(schema);
    const link = openapi.components?.schemas?.[name] ? make("a", { href: `#schema-${name}` }, name) : name;
    return known.type === "object" || choices(known).length || known.allOf ? [link] : [link, ": ", ...type(known)];
  }
  if (choices(schema).length) {
    return join([...choices(schema)].sort((a, b) => isNull(a) - isNull(b)).map(type), " | ");
  }
  if (schema.allOf) return join(schema.allOf.map(type), " & ");
  if ("const" in schema) return [JSON.stringify(schema.const)];
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" | ")];
  if (isFile(schema)) return [say(labels.file)];
  const guess = schema.properties || schema.additionalProperties ? "object" : schema.items ? "array" : "any";
  const [first, ...others] = [schema.type ?? guess].flat();
  const name = first === "array" ? ["[", ...type(schema.items ?? {}), "]"] : [first];
  const format = schema.format ? ` (${schema.format})` : "";
  return [...name, [format, ...others].join(" | ")];
}

/** `1 … 9999`, `≤ 100 characters`, … */
function range(least, most, unit = "") {
  if (least === undefined && most === undefined) return null;
  const text = most === undefined ? `≥ ${least}` : least === undefined ? `≤ ${most}`
    : least === most ? `${least}` : `${least} … ${most}`;
  return say(`${text} ${unit}`.trim());
}

/** Everything that a value must keep to beside its type, each as something to show. */
function constraints(schema) {
  const known = meant(schema);
  const given = (label, value) => value === undefined ? null
    : make("span", {}, say(label), " ", make("code", {}, typeof value === "string" ? value : JSON.stringify(value)));
  return [
    range(known.minimum, known.maximum),
    known.exclusiveMinimum === undefined ? null : `> ${known.exclusiveMinimum}`,
    known.exclusiveMaximum === undefined ? null : `< ${known.exclusiveMaximum}`,
    given(labels.multiple, known.multipleOf),
    range(known.minLength, known.maxLength, labels.characters),
    range(known.minItems, known.maxItems, labels.entries),
    range(known.minProperties, known.maxProperties, labels.names),
    known.uniqueItems ? say(labels.unique) : null,
    given(labels.pattern, known.pattern),
    isFile(known) ? null : known.contentMediaType, known.contentEncoding,
    ...["readOnly", "writeOnly", "deprecated"].map((name) => (known[name] ? say(labels[name]) : null)),
    known.additionalProperties === false ? say(labels.closed) : null,
    given(labels.absent, known.default),
    ...(known.items && !hasInside(known.items) ? constraints(known.items) : [])
      .map((one) => make("span", {}, say(labels.each), " ", one)),
    given(labels.like, [known.example ?? known.examples?.[0]].find((value) => typeof value !== "object")),
  ].filter(Boolean);
}

const typeLine = (schema, ...more) => join([type(schema), ...constraints(schema), ...more].filter(Boolean), " · ");

/** The fields of an object, with those of all that it is made of; `null` stands for any other name. */
function members(known) {
  const own = Object.entries(known.properties ?? {}).map(([name, schema]) =>
    ({ name, schema, required: known.required?.includes(name) }));
  const others = Object.keys(Object(known.additionalProperties)).length
    ? [{ name: null, schema: known.additionalProperties }] : [];
  return [...(known.allOf ?? []).flatMap((one) => members(meant(one))), ...own, ...others];
}

/** Whether there is more in a schema than its type says. */
function hasInside(schema) {
  const known = meant(schema);
  return known.items ? hasInside(known.items) : members(known).length > 0 || choices(known).some(hasInside);
}

/** The fields of a schema or of what an array holds, and each of its choices. */
function inside(schema) {
  const known = meant(schema);
  if (known.items) return inside(known.items);
  const list = members(known);
  const others = choices(known).filter((one) => !isNull(one));
  return [
    list.length ? fields(list) : null,
    others.length ? hint(say(labels.oneOf)) : null,
    ...others.map((one) => make("div", { className: "choice" },
      make("p", { className: "type" }, ...typeLine(one)), ...prose(resolve(one).description), ...inside(one))),
  ].filter(Boolean);
}

function field({ name, schema, required: isRequired, deprecated, where, description }) {
  const more = [where && say(where), deprecated && say(labels.deprecated)];
  return make("div", { className: "field" },
    make("dt", {}, name ?? say(labels.anyName), isRequired ? required() : null),
    make("dd", {},
      make("p", { className: "type" }, ...typeLine(schema, ...more)),
      ...prose(description ?? meant(schema).description),
      hasInside(schema) ? inner([say(labels.fields)], () => inside(schema)) : null));
}

const fields = (list) => make("dl", { className: "fields" }, ...list.map(field));

/** A value that the schema would take, made from its examples where it has some. */
function example(schema, depth = 0) {
  const known = meant(schema);
  const given = known.example ?? known.examples?.[0] ?? known.const ?? known.default ?? known.enum?.[0];
  if (given !== undefined) return given;
  if (depth > DEEPEST_EXAMPLE) return null;
  const choice = choices(known).find((one) => !isNull(one));
  if (choice) return example(choice, depth);
  const list = members(known).filter(({ name }) => name !== null);
  if (list.length) return Object.fromEntries(list.map((one) => [one.name, example(one.schema, depth + 1)]));
  switch ([known.type].flat().find((name) => name !== "null")) {
    case "object": return {};
    case "array": return known.items ? [example(known.items, depth + 1)] : [];
    case "integer": case "number": return known.minimum ?? 0;
    case "boolean": return true;
    case "string": return known.format ?? "…";
    default: return null;
  }
}

// ---- Operations

/** Bytes that no schema describes, as OpenAPI 3.1 writes them. */
function isFile(schema) {
  const { type: name, format, contentMediaType, contentEncoding } = resolve(schema);
  return format === "binary" || (contentMediaType !== undefined && !contentEncoding && name !== "string");
}

const exampleOf = (name, text) => inner([say(labels.example), " ", name], () => [make("pre", {}, text)]);

/** A body for each media type. Where the name of its schema is enough, the schema is found by it. */
function content(bodies, isNameEnough) {
  return Object.entries(bodies ?? {}).flatMap(([media, { schema = {}, example: one, examples }]) => {
    const isJson = /\bjson$/.test(media);
    const isDescribed = !isFile(schema) && (isJson || Object.keys(schema).length > 0);
    const isWritten = isDescribed && !(isNameEnough && schema.$ref);
    const given = Object.entries(examples ?? { "": { value: one } }).map(([name, it]) => ({ name, ...resolve(it) }));
    if (isWritten && isJson && given.length) given[0].value ??= example(schema);
    return [
      make("p", { className: "type" }, make("code", {}, media), " · ",
        ...(isDescribed ? typeLine(schema) : join([say(labels.file), ...constraints(schema)], " · "))),
      ...(isWritten ? inside(schema) : []),
      ...given.filter(({ value }) => value !== undefined && value !== null).map(({ name, summary, value }) =>
        exampleOf(summary ?? name, typeof value === "string" && !isJson ? value : JSON.stringify(value, null, 2))),
    ];
  });
}

/** A parameter or header as a field: its schema may be that of its content. */
function valueOf(name, reference) {
  const { schema, content: bodies, example: one, examples, ...more } = resolve(reference);
  const { ...known } = schema ?? Object.values(bodies ?? {})[0]?.schema;
  const given = one ?? resolve(Object.values(examples ?? {})[0]).value;
  if (given !== undefined) known.example = given;
  // One that may be left out is written as one that may be null, which no address can be.
  if (Array.isArray(known.type)) known.type = known.type.filter((each) => each !== "null");
  return { ...more, name, where: labels[more.in], schema: known };
}

/** Those of the path and those of the operation, which count where both have one. */
function parameters(shared = [], own = []) {
  const byName = new Map([...shared, ...own].map(resolve).map((one) => [`${one.in} ${one.name}`, one]));
  return [...byName.values()].map((one) => valueOf(one.name, one));
}

function response([status, reference]) {
  const { description, headers, content: bodies } = resolve(reference);
  const list = Object.entries(headers ?? {}).map(([name, header]) => valueOf(name, header));
  return make("div", { className: "response" },
    make("h5", {}, status === "default" ? say(labels.anyStatus) : status, " – ", ...inline(description ?? "")),
    list.length ? hint(say(labels.headers)) : null,
    list.length ? fields(list) : null,
    ...content(bodies, !status.startsWith("2")));
}

function security(requirements) {
  if (!requirements?.length) return null;
  const isOptional = requirements.some((one) => Object.keys(one).length === 0);
  return hint(say(isOptional ? labels.optional : labels.secured));
}

function operationBody(operation, shared) {
  const list = parameters(shared, operation.parameters);
  const request = operation.requestBody && resolve(operation.requestBody);
  const heading = (label, more) => make("h4", {}, say(label), more);
  return [
    ...prose(operation.description),
    operation.deprecated ? hint(say(labels.deprecated)) : null,
    security(operation.security ?? openapi.security),
    operation.operationId ? hint(say(labels.identifier), " ", make("code", {}, operation.operationId)) : null,
    ...(list.length ? [heading(labels.parameters), fields(list)] : []),
    ...(request ? [heading(labels.body, request.required ? required() : null), ...prose(request.description)] : []),
    ...content(request?.content),
    heading(labels.responses),
    ...Object.entries(operation.responses ?? {}).map(response),
  ];
}

// ---- The page

/** An entry of the document, closed, and the link to it. `title` makes what stands in both. */
function entry({ id, title, summary, text, build }) {
  const lead = summary ? make("span", { className: "summary" }, ...inline(summary)) : null;
  const card = disclosure({ className: "entry", id }, [make("h3", {}, ...title()), lead], build);
  const line = make("li", {}, make("a", { href: `#${id}` }, ...title()));
  return { text: text.filter(Boolean).join(" ").toLowerCase(), card, line };
}

function operationEntry(tag, method, path, operation, shared) {
  return entry({
    id: `${method}-${path}`,
    title: () => [
      make("span", { className: `method ${method}` }, method), " ", make("span", { className: "path" }, path),
    ],
    summary: operation.summary,
    text: [tag, method, path, operation.summary, operation.description, operation.operationId],
    build: () => operationBody(operation, shared),
  });
}

function schemaEntry([name, schema]) {
  const known = meant(schema);
  const [summary, ...others] = paragraphs(known.description);
  return entry({
    id: `schema-${name}`,
    title: () => [make("span", { className: "path" }, name)],
    summary,
    text: [name, known.description, ...members(known).map((one) => one.name)],
    build: () => [
      ...prose(others.join("\n\n")), make("p", { className: "type" }, ...typeLine(schema)), ...inside(schema),
      exampleOf("", JSON.stringify(example(schema), null, 2)),
    ],
  });
}

function operationsByTag() {
  const byTag = new Map((openapi.tags ?? []).map(({ name }) => [name, []]));
  for (const [path, reference] of Object.entries(openapi.paths ?? {})) {
    const item = resolve(reference);
    for (const method of METHODS.filter((name) => item[name])) {
      const tag = item[method].tags?.[0] ?? labels.other;
      const list = byTag.get(tag) ?? [];
      list.push(operationEntry(tag, method, path, item[method], item.parameters));
      byTag.set(tag, list);
    }
  }
  return byTag;
}

/** A part of the document and of the contents. */
function showGroup({ name, lang, kind, about, list, open }) {
  const cards = list.map(({ card }) => card);
  const lines = list.map(({ line }) => line);
  const section = make("section", {}, make("h2", { lang }, name), ...prose(about, "intro"), ...cards);
  const part = make("details", { open }, make("summary", { lang }, name), make("ul", { lang: "en" }, ...lines));
  place("document").append(section);
  place("contents").append(part);
  groups.push({ kind, section, part, open, list });
}

function show() {
  const { title, version, description } = openapi.info;
  document.title = `${title} · API`;
  place("title").textContent = title;
  place("version").textContent = version;
  place("about").append(...prose(description, "intro"));
  for (const [name, list] of operationsByTag()) {
    const about = openapi.tags?.find((tag) => tag.name === name)?.description;
    if (list.length) showGroup({ name, lang: "en", kind: "operations", about, list, open: wide.matches });
  }
  const schemas = Object.entries(openapi.components?.schemas ?? {}).map(schemaEntry);
  if (schemas.length) showGroup({ name: labels.schemas, lang: language, kind: "schemas", list: schemas, open: false });
}

/** Leaves what has every word of the filter, in the contents and in the document, and says how much that is. */
function filter() {
  const words = place("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const left = { operations: 0, schemas: 0 };
  const all = { ...left };
  for (const { kind, section, part, open, list } of groups) {
    for (const { text, card, line } of list) card.hidden = line.hidden = !words.every((word) => text.includes(word));
    const fitting = list.filter(({ card }) => !card.hidden).length;
    section.hidden = part.hidden = fitting === 0;
    part.open = words.length > 0 || open;
    left[kind] += fitting;
    all[kind] += list.length;
  }
  const counts = Object.keys(all).map((kind) => `${left[kind]} ${labels.of} ${all[kind]} ${labels[kind]}`);
  const found = left.operations + left.schemas ? counts.join(" · ") : labels.nothing;
  place("found").textContent = words.length ? found : "";
  place("about").hidden = words.length > 0;
}

/** Opens what the address names, and goes on there. */
function follow() {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch { /* The name has a percent sign of its own. */ }
  const target = place(id);
  if (!target?.build) return;
  if (target.hidden) {
    place("filter").value = "";
    filter();
  }
  if (!wide.matches) place("contents").open = false;
  target.build();
  target.open = true;
  target.scrollIntoView();
  target.querySelector("summary").focus({ preventScroll: true });
}

async function start() {
  document.documentElement.lang = language;
  place("columns").hidden = false;
  for (const element of document.querySelectorAll("[data-label]")) element.textContent = labels[element.dataset.label];
  const fold = () => { place("contents").open = wide.matches; };
  wide.addEventListener("change", fold);
  fold();
  place("filter").addEventListener("input", () => {
    filter();
    place("document").scrollIntoView();
  });
  window.addEventListener("hashchange", follow);
  // A link to where the address is already changes nothing there.
  document.addEventListener("click", ({ target }) => target.closest("a")?.hash === location.hash && follow());
  try {
    const answer = await fetch("/openapi.json");
    if (!answer.ok) throw new Error(answer.status);
    openapi = await answer.json();
    show();
    follow();
  } catch (error) {
    const notice = make("p", { className: "notice", lang: language, role: "alert" }, labels.failed, " ", error.message);
    place("document").append(notice);
  }
}

start();
