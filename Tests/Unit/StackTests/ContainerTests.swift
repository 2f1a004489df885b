import System
import TestSupport
import Testing

@testable import Stack

/// The stack in containers, held against the sources without a container engine.
@Suite struct ContainerTests {
    private let yaml: String
    private let services: [String: Value]

    init() throws {
        yaml = try Self.text("deploy/compose.yaml")
        services = try Value.parse(YAML.json(from: yaml)).members("the file")["services"]?.members("services") ?? [:]
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try File.read("\(SourceFile.repository)/\(path)"), as: UTF8.self)
    }

    private func variables(_ environment: [String: String] = [:]) throws -> String {
        let outline = try ComposeFile.Outline(yaml: yaml)
        let secrets = Dictionary(uniqueKeysWithValues: outline.secretNames.map { ($0, "secret of \($0)") })
        return try ContainerStack.variables(secrets, environment: environment)
    }

    @Test func `Docker Compose is given every variable that it must be given`() throws {
        let given = Set(try variables().split(separator: "\n").compactMap { $0.split(separator: "=").first })
        let demanded = yaml.matches(of: /\$\{([A-Z_]+):\?/).map(\.1)
        #expect(demanded.count > 5)
        for name in demanded { #expect(given.contains(name), "\(name) is not in the file of `stack secrets`") }
    }

    @Test func `addresses follow the ports, and clients of the own broker authenticate`() throws {
        let own = try variables(["BROKER_PORT": "19092", "GATEWAY_PORT": "18080"])
        #expect(own.contains("KAFKA_BOOTSTRAP_SERVERS='broker:29092'\n"))
        #expect(own.contains("ADVERTISED_LISTENERS='broker:29092,127.0.0.1:19092'\n"))
        #expect(own.contains("PUBLIC_URL='http://127.0.0.1:18080'\n"))
        #expect(own.contains("KAFKA_SASL_MECHANISM='SCRAM-SHA-256'\n") && own.contains("BROKER_SECRETS='/data/"))
        #expect(own.contains("BROKER_PASSWORDS='ANALYTICS_KAFKA_PASSWORD=secret of ANALYTICS_KAFKA_PASSWORD,"))
        let other = try variables(["KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"])
        #expect(other.contains("KAFKA_BOOTSTRAP_SERVERS='kafka:9092'\n"))
        #expect(!other.contains("SCRAM") && !other.contains("BROKER_SECRETS"))
    }

    @Test(arguments: ["it's", "two\nlines"])
    func `a value that cannot be written for Docker Compose is refused`(value: String) {
        #expect(throws: StackError.self) {
            try ContainerStack.variables(["MARQUEE_ADMIN_PASSWORD": value], environment: [:])
        }
    }

    /// Docker Compose 1, which Debian 12 has, takes the first closing brace for the end.
    @Test func `no variable of the compose file stands in the default of another`() {
        #expect(yaml.firstMatch(of: /\$\{[^}]*\$\{/) == nil)
    }

    @Test func `a container writes to a volume of its own alone, has no rights, and only two have ports outside`()
        throws
    {
        for (name, value) in services {
            let service = try value.members(name)
            #expect(service["read_only"] == .scalar("true"), "\(name)")
            #expect(service["cap_drop"] == .list([.scalar("ALL")]), "\(name)")
            // The media worker makes namespaces itself.
            let isWorker = name == "media-worker"
            let profiles = isWorker ? ["seccomp=unconfined", "apparmor=unconfined"] : []
            let options = (["no-new-privileges:true"] + profiles).map(Value.scalar)
            #expect(service["security_opt"] == .list(options), "\(name)")
            // Contents are on one disk with Media's.
            let volume = isWorker || name == "batch-upload" ? "media" : name
            #expect(service["volumes"] == .list([.scalar("\(volume):/data")]), "\(name)")
            let ports = try service["ports"]?.strings("\(name).ports") ?? []
            #expect(ports.allSatisfy { $0.hasPrefix("127.0.0.1:") }, "\(name)")
            #expect(ports.isEmpty == !["broker", "gateway"].contains(name), "\(name)")
        }
    }

    @Test func `Package, Makefile and compose file name the same programs`() throws {
        let built = try Self.text("Makefile").firstMatch(of: /\nPRODUCTS := (.*)\n/)?.1.split(separator: " ") ?? []
        let products = try Self.text("Package.swift").matches(of: /\.executable\(name: "([a-z-]+)"/).map(\.1)
        #expect(Set(built) == Set(products) && built.count == products.count)
        let compose = try ComposeFile(yaml: yaml, variables: environmentOfCompose())
        #expect(Set(compose.services.map { Substring($0.command[0]) }).union(["stack"]) == Set(built))
    }

    private func environmentOfCompose() throws -> [String: String] {
        let names = yaml.matches(of: /\$\{([A-Z_]+):\?/).map { (String($0.1), "x") }
        return Dictionary(names) { first, _ in first }
    }

    /// Secrets, data and what was built here must not get into an image by a COPY.
    @Test func `the image's context has sources and its programs only`() throws {
        let lines = try Self.text(".dockerignore").split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.first == "*")
        let admitted: Set<Substring> = [
            "!.build/image", "!Makefile", "!Package.swift", "!Services", "!Shared", "!Tests", "!deploy",
        ]
        #expect(Set(lines.dropFirst()) == admitted)
    }

    @Test(.enabled(if: File.exists("/usr/bin/dpkg")))
    func `the image has the package of every library that a program links, and no other`() async throws {
        let dockerfile = try Self.text("deploy/Dockerfile")
        let stage = try #require(dockerfile.firstMatch(of: /AS runtime\n(?s)(.*?)rm -rf/)?.1)
        let installed = Set(stage.matches(of: /\bz?lib[a-z0-9.+-]+/).map { String($0.0) })
        let programs = try Self.text("Package.swift").matches(of: /\.executable\(name: "([a-z-]+)"/).map(\.1)
        var linked: Set<String> = []
        for program in programs {
            let path = try ServiceProcess.path(of: String(program))
            linked.formUnion(try await Self.linkedPackages(path))
        }
        #expect(linked.isSuperset(of: ["librdkafka1", "libsqlite3-0"]))
        // What Swift's runtime needs: a test links that as a library, the image statically.
        let runtime: Set<String> = ["libgcc-s1", "libstdc++6"]
        #expect(installed.isSuperset(of: runtime))
        #expect(linked.subtracting(["libc6"]).union(runtime) == installed)
        // What the media worker alone runs and opens.
        #expect(dockerfile.contains(#/AS media-runtime\n[^#]*install [^#]*bubblewrap ffmpeg libvips42 /#))
    }

    /// Packages of the libraries that a program names itself; Swift's own are linked statically in the image.
    private static func linkedPackages(_ program: String) async throws -> Set<String> {
        let script = """
            ldd "$0" > "$1"
            readelf -d "$0" | sed -n 's/.*NEEDED.*\\[\\(.*\\)\\]/\\1/p' | while read -r library; do
                grep -F "$library" "$1" | grep -q /swift/ || dpkg -S "*/$library"
            done
            """
        let directory = try TemporaryDirectory()
        let result = try await Command.run("bash", ["-euc", script, program, directory.appending("libraries")])
        #expect(result.status.isSuccess, "\(program): \(result.output)")
        return Set(result.output.split(separator: "\n").compactMap { $0.split(separator: ":").first.map(String.init) })
    }
}
