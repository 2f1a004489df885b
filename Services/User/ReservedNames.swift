/// Handles that nobody may have: names of routes, and names that could pass for the house.
enum ReservedNames {
    /// Words of our own, wherever they stand in a handle.
    private static let house = [
        "admin", "administrator", "marquee", "mod", "moderator", "official", "root", "security", "staff", "support",
        "system", "sysadmin", "superuser", "helpdesk", "webmaster", "postmaster", "hostmaster", "quantri", "hotro",
    ]
    /// Words that mean something to programs, when they are the whole handle.
    private static let words = [
        "abuse", "account", "anonymous", "api", "app", "billing", "contact", "deleted", "everyone", "help", "here",
        "info", "login", "logout", "mail", "me", "news", "nobody", "null", "owner", "password", "payment", "privacy",
        "register", "self", "settings", "signup", "terms", "undefined", "unknown", "user", "users", "www",
    ]

    private static let houseForms = Set(house.map(looks))
    private static let wordForms = Set(words.map(looks))

    /// Whether a handle without accents is reserved, or looks like a word that is: `4dmin`, `rnarquee`, `linh.admin`,
    /// `support24`.
    static func contains(_ handle: String) -> Bool {
        let parts = handle.split { $0 == "." || $0 == "_" }
        let whole = looks(parts.joined())
        if wordForms.contains(whole) || isHouse(parts.joined()) { return true }
        return parts.contains { isHouse(String($0)) }
    }

    private static func isHouse(_ word: String) -> Bool {
        let name = word.drop(while: \.isNumber).reversed().drop(while: \.isNumber).reversed()
        return houseForms.contains(looks(word)) || houseForms.contains(looks(String(name)))
    }

    /// What a word looks like at a glance: signs that are taken for one another are the same (UTS 39, section 4, for the
    /// few that handles have).
    private static func looks(_ word: String) -> String {
        var form = ""
        for character in word {
            switch character {
            case "0": form += "o"
            case "1", "i", "j": form += "l"
            case "3": form += "e"
            case "4": form += "a"
            case "5": form += "s"
            case "7": form += "t"
            case "8": form += "b"
            case "9": form += "g"
            case "m": form += "rn"
            case "w": form += "vv"
            default: form.append(character)
            }
        }
        return form
    }
}
