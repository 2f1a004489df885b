import FoundationEssentials
import System

/// What a subcommand prints: rows of texts under column names, for people or, as JSON, for programs.
struct AdminTable {
    let columns: [String]
    private var rows: [[String]] = []

    init(_ columns: String...) { self.columns = columns }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// Sorted by the first columns.
    mutating func sort() { rows.sort { $0.lexicographicallyPrecedes($1) } }

    func write(asJSON: Bool) throws {
        if asJSON {
            let objects = rows.map { Dictionary(zip(columns, $0)) { first, _ in first } }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            StandardOutput.writeLine(String(decoding: try encoder.encode(objects), as: UTF8.self))
            return
        }
        let lines = [columns.map { $0.uppercased() }] + rows
        let widths = columns.indices.map { index in lines.map { $0[index].count }.max() ?? 0 }
        for line in lines {
            var text = ""
            for (index, cell) in line.enumerated() {
                let isLast = index == line.count - 1
                text += isLast ? cell : cell + String(repeating: " ", count: widths[index] - cell.count + 2)
            }
            StandardOutput.writeLine(text)
        }
    }
}
