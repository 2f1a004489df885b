#pragma once
#include <libfyaml.h>
#include <stdlib.h>

/// The document as JSON on one line, anchors and merges resolved, to be freed with `free`; NULL when it is not YAML (the reason
/// is then on standard error).
static inline char *cfyaml_json(const char *text, size_t length) {
    struct fy_parse_cfg configuration = {.flags = FYPCF_DEFAULT_DOC | FYPCF_RESOLVE_DOCUMENT};
    struct fy_document *document = fy_document_build_from_string(&configuration, text, length);
    if (!document) return NULL;
    char *json = fy_emit_document_to_string(document, FYECF_MODE_JSON_ONELINE);
    fy_document_destroy(document);
    return json;
}
