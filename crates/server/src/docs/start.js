"use strict";
window.ui = SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#document",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  // Nothing is asked of anybody else.
  validatorUrl: null,
});
