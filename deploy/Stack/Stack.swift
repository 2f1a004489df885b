import System

/// `stack`: runs the services of a compose file as plain processes of this machine.
@main
enum Main {
    static func main() async {
        do {
            Process.exit(try await Arguments(Array(CommandLine.arguments.dropFirst())).run())
        } catch {
            StandardError.write(Array("stack: \(error)\n".utf8))
            Process.exit(1)
        }
    }
}
