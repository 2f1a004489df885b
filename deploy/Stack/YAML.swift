import CFyaml

/// YAML as JSON text, by libfyaml: anchors, aliases and merge keys are resolved; plain scalars such as `yes` stay
/// texts.
///
/// Rule: for files of this repository only. An alias bomb is not held back.
enum YAML {
    /// Throws `StackError.invalid` when the text is not YAML; libfyaml has then written where to standard error.
    static func json(from text: String) throws -> String {
        let bytes = Array(text.utf8CString)
        guard let json = unsafe cfyaml_json(bytes, bytes.count - 1) else { throw StackError.invalid("not YAML") }
        defer { unsafe free(json) }
        return unsafe String(cString: json)
    }
}
