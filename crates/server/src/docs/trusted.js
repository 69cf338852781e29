"use strict";
// Swagger UI writes what it has sanitised as HTML, as a text. The policy lets it; scripts from texts stay refused, because
// it makes neither scripts nor addresses of scripts.
if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", { createHTML: (html) => html });
}
