// swift-tools-version: 6.2
import PackageDescription

// The dependency lists below are the architecture: a module imports only what stands in its list, and lists follow the
// layer order of ARCHITECTURE.md. No outside package: C libraries come from Debian through the module maps in Shared/C.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A library of Shared/.
func shared(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Shared/\(name)",
        exclude: exclude,
        swiftSettings: settings
    )
}

/// An executable of Services/: folder `Like`, target `LikeService`, product `like`.
func service(_ folder: String, _ dependencies: [Target.Dependency], embedded: [String] = []) -> Target {
    .executableTarget(
        name: "\(folder)Service",
        dependencies: dependencies,
        path: "Services/\(folder)",
        exclude: ["README.md"],
        resources: embedded.map { .embedInCode($0) },
        swiftSettings: settings
    )
}

/// A C library of Debian: a module map and a shim header in Shared/C.
func cLibrary(_ name: String, pkgConfig: String?, apt: String) -> Target {
    .systemLibrary(name: name, path: "Shared/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A suite of Tests/Unit, named after the module it tests.
func unitTests(_ module: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(module)Tests",
        dependencies: [.target(name: module)] + dependencies,
        path: "Tests/Unit/\(module)Tests",
        swiftSettings: settings
    )
}

/// A suite of Tests/Unit that checks the sources themselves.
func repositoryTests(_ subject: String) -> Target {
    .testTarget(
        name: "\(subject)Tests",
        dependencies: ["System", "TestSupport"],
        path: "Tests/Unit/\(subject)Tests",
        swiftSettings: settings
    )
}

/// A suite of Tests/Integration: the executable of `service` against real processes.
func integrationTests(_ service: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(service)IntegrationTests",
        dependencies: ["System", "TestSupport"] + dependencies,
        path: "Tests/Integration/\(service)Tests",
        swiftSettings: settings
    )
}

let package = Package(
    name: "Marquee",
    products: [
        .executable(name: "broker", targets: ["BrokerService"]),
        .executable(name: "gateway", targets: ["GatewayService"]),
        .executable(name: "user", targets: ["UserService"]),
        .executable(name: "auth", targets: ["AuthService"]),
        .executable(name: "media", targets: ["MediaService"]),
        .executable(name: "notification", targets: ["NotificationService"]),
        .executable(name: "booking", targets: ["BookingService"]),
        .executable(name: "like", targets: ["LikeService"]),
        .executable(name: "batch-upload", targets: ["BatchUploadService"]),
        .executable(name: "media-worker", targets: ["MediaWorkerService"]),
        .executable(name: "analytics", targets: ["AnalyticsService"]),
        .executable(name: "comment", targets: ["CommentService"]),
        .executable(name: "chat", targets: ["ChatService"]),
        .executable(name: "stack", targets: ["Stack"]),
    ],
    targets: [
        // C libraries
        .target(name: "CPlatform", path: "Shared/C/CPlatform"),
        cLibrary("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        cLibrary("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
        cLibrary("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        cLibrary("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        cLibrary("CArgon2", pkgConfig: "libargon2", apt: "libargon2-dev"),
        cLibrary("CCrypt", pkgConfig: "libcrypt", apt: "libcrypt-dev"),
        cLibrary("CZxcvbn", pkgConfig: nil, apt: "libzxcvbn-dev"),
        cLibrary("CCompression", pkgConfig: "libzstd", apt: "libzstd-dev"),
        cLibrary("CFyaml", pkgConfig: "libfyaml", apt: "libfyaml-dev"),
        cLibrary("CMagic", pkgConfig: nil, apt: "libmagic-dev"),
        cLibrary("CQRencode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
        cLibrary("CCmark", pkgConfig: "libcmark", apt: "libcmark-dev"),
        cLibrary("CVips", pkgConfig: nil, apt: "libvips-tools"),

        // Shared, in layer order
        shared("System", ["CPlatform"]),
        shared("Telemetry", ["System"]),
        shared("Security", ["System", "COpenSSL", "CArgon2", "CCrypt", "CZxcvbn"]),
        shared("Reactor", ["CPlatform", "System", "Telemetry"]),
        shared("HTTPCore", ["System"]),
        shared("HTTPTransport", ["System", "Telemetry", "Security", "Reactor", "HTTPCore"]),
        shared("KafkaProtocol", ["CPlatform", "CCompression"]),
        shared("EventLog", ["CPlatform", "System", "Telemetry", "KafkaProtocol"]),
        shared("LogBroker", ["System", "Telemetry", "Security", "Reactor", "KafkaProtocol", "EventLog"]),
        shared("Persistence", ["System", "Telemetry", "Security", "CSQLite"]),
        shared("EventBus", ["System", "Telemetry", "Security", "Reactor", "Persistence", "CRdKafka"]),
        shared("Contracts", ["System", "EventBus"], exclude: ["asyncapi.yaml", "chat.v1.json", "openapi.yaml"]),
        shared("Outbound", ["System", "Telemetry", "Security", "Reactor", "CCurl"]),
        shared("BlobStore", ["System", "Security", "Reactor", "HTTPCore", "Outbound"]),
        shared(
            "ServiceKit",
            [
                "System", "Telemetry", "Security", "Reactor", "HTTPCore", "HTTPTransport", "Persistence", "EventBus",
                "Contracts",
            ]
        ),

        shared("Mailing", ["System", "Telemetry", "Security", "Persistence", "Outbound", "ServiceKit"]),

        // Services
        service(
            "Broker",
            [
                "System", "Telemetry", "Security", "Reactor", "HTTPCore", "HTTPTransport", "KafkaProtocol", "EventLog",
                "LogBroker",
            ]
        ),
        service("Gateway", serviceDependencies, embedded: ["index.html", "console.html"]),
        service("User", serviceDependencies + ["Mailing", "Outbound"]),
        service("Auth", serviceDependencies + ["Mailing", "Outbound"]),
        service("Media", serviceDependencies + ["BlobStore", "CMagic"]),
        service("Notification", serviceDependencies + ["Mailing", "Outbound"]),
        service("Booking", serviceDependencies + ["Outbound", "CQRencode"]),
        service("Comment", serviceDependencies + ["CCmark"]),
        service("Chat", serviceDependencies),
        service("Like", serviceDependencies),
        service("MediaWorker", serviceDependencies + ["BlobStore", "CVips"]),
        service("Analytics", serviceDependencies),
        service("BatchUpload", serviceDependencies + ["BlobStore"]),

        // The native stack runner
        .executableTarget(
            name: "Stack",
            dependencies: [
                "System", "Telemetry", "Security", "Reactor", "HTTPCore", "KafkaProtocol", "EventLog", "Persistence",
                "EventBus", "ServiceKit", "CFyaml",
            ],
            path: "deploy/Stack",
            swiftSettings: settings
        ),

        // Tests
        .target(
            name: "TestSupport",
            dependencies: ["System", "Security"],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        unitTests("System", ["TestSupport"]),
        unitTests("Security", ["System"]),
        unitTests("Persistence", ["System", "TestSupport"]),
        unitTests("TestSupport", ["System"]),
        unitTests("Contracts", ["System", "EventBus", "TestSupport"]),
        unitTests(
            "ServiceKit",
            ["System", "Security", "Contracts", "EventBus", "HTTPCore", "HTTPTransport", "Reactor"]
        ),
        integrationTests(
            "Auth",
            [
                "AuthService", "BrokerService", "Mailing", "Contracts", "EventBus", "HTTPCore", "Persistence",
                "HTTPTransport",
                "Reactor", "Security", "ServiceKit", "Telemetry",
            ]
        ),
        integrationTests(
            "User",
            ["UserService", "Persistence", "Reactor", "Security", "Contracts", "EventBus", "ServiceKit"]
        ),
        integrationTests(
            "Gateway",
            [
                "GatewayService", "BrokerService", "Contracts", "EventBus", "HTTPCore", "HTTPTransport", "Reactor",
                "Security", "ServiceKit", "Telemetry",
            ]
        ),
        integrationTests(
            "Booking",
            ["BookingService", "BrokerService", "Contracts", "EventBus", "Security", "Telemetry"]
        ),
        integrationTests(
            "Media",
            ["MediaService", "MediaWorkerService", "BrokerService", "BlobStore", "Contracts", "EventBus", "Telemetry"]
        ),
        unitTests("UserService", ["System", "Contracts", "Persistence", "Security", "TestSupport"]),
        unitTests(
            "MediaService",
            ["System", "BlobStore", "Contracts", "HTTPCore", "Persistence", "ServiceKit", "TestSupport"]
        ),
        integrationTests(
            "Like",
            [
                "LikeService", "AnalyticsService", "BrokerService", "Contracts", "EventBus", "HTTPCore",
                "HTTPTransport", "Persistence", "Reactor", "Telemetry",
            ]
        ),
        unitTests("LikeService", ["System", "Contracts", "EventBus", "Persistence", "TestSupport"]),
        integrationTests(
            "MediaWorker",
            [
                "MediaWorkerService", "BrokerService", "BlobStore", "Contracts", "CVips", "EventBus", "Security",
                "Telemetry",
            ]
        ),
        unitTests(
            "AnalyticsService",
            ["System", "Contracts", "EventBus", "HTTPCore", "Persistence", "TestSupport"]
        ),
        integrationTests(
            "Analytics",
            ["AnalyticsService", "BrokerService", "Contracts", "EventBus", "Persistence", "Security", "Telemetry"]
        ),
        integrationTests(
            "Chat",
            [
                "ChatService", "BrokerService", "Contracts", "EventBus", "HTTPCore", "HTTPTransport", "Reactor",
                "Telemetry",
            ]
        ),
        integrationTests("Comment", ["CommentService", "BrokerService", "Contracts", "EventBus", "Telemetry"]),
        integrationTests(
            "BatchUpload",
            [
                "BatchUploadService", "MediaService", "MediaWorkerService", "BrokerService", "BlobStore", "Contracts",
                "EventBus", "Security", "Telemetry",
            ]
        ),
        unitTests(
            "BatchUploadService",
            ["System", "BlobStore", "Contracts", "Persistence", "Security", "ServiceKit", "TestSupport"]
        ),
        unitTests("Stack", ["System", "Persistence", "TestSupport"]),
        repositoryTests("Architecture"),
        repositoryTests("Tidy"),
        integrationTests("Stack", ["Stack", "BrokerService"]),
        integrationTests(
            "Notification",
            [
                "NotificationService", "BrokerService", "Contracts", "EventBus", "Persistence", "Telemetry", "Reactor",
                "HTTPCore", "HTTPTransport",
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["System", "HTTPCore", "HTTPTransport", "Reactor", "TestSupport"],
            path: "Tests/EndToEnd",
            exclude: ["batch_show.py", "chat_show.py", "containers.sh", "large_upload.py", "tables.py"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ChaosTests",
            dependencies: ["System", "TestSupport"],
            path: "Tests/Chaos",
            exclude: ["judge.py"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WebTests",
            dependencies: ["System", "CommentService", "TestSupport"],
            path: "Tests/Web",
            exclude: ["console.py", "inert.py", "mailed_links.py", "story.py"],
            swiftSettings: settings
        ),
        unitTests(
            "EventBus",
            ["BrokerService", "System", "Telemetry", "Reactor", "Persistence", "CRdKafka", "TestSupport"]
        ),
        unitTests("Outbound", ["System"]),
        unitTests("Mailing", ["System", "Telemetry", "Security", "Persistence", "Outbound", "TestSupport"]),
        unitTests("BlobStore", ["System", "Security", "Reactor", "TestSupport"]),
        unitTests("Telemetry", ["System"]),
        unitTests("KafkaProtocol", ["System", "TestSupport"]),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "System", "Telemetry", "Security", "HTTPCore", "KafkaProtocol", "EventBus", "Contracts", "ServiceKit",
                "CommentService", "TestSupport",
            ],
            path: "Tests/Fuzz",
            swiftSettings: settings
        ),
        .testTarget(
            name: "HTTPConformanceTests",
            dependencies: ["GatewayService", "System", "HTTPCore", "HTTPTransport", "Reactor", "TestSupport"],
            path: "Tests/Conformance/HTTPConformanceTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "WebSocketConformanceTests",
            dependencies: ["System", "HTTPCore", "HTTPTransport", "Reactor", "TestSupport"],
            path: "Tests/Conformance/WebSocketConformanceTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "APIConformanceTests",
            dependencies: ["System", "TestSupport"],
            path: "Tests/Conformance/APIConformanceTests",
            exclude: ["schemathesis.toml"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "KafkaConformanceTests",
            dependencies: ["System", "TestSupport"],
            path: "Tests/Conformance/KafkaConformanceTests",
            exclude: ["access_table.py", "members.py"],
            swiftSettings: settings
        ),
        unitTests(
            "LogBroker",
            ["System", "Telemetry", "Security", "Reactor", "KafkaProtocol", "EventLog", "TestSupport"]
        ),
        unitTests("HTTPCore", ["System", "TestSupport"]),
        unitTests("Reactor"),
        unitTests("HTTPTransport", ["HTTPCore", "Reactor"]),
        unitTests(
            "NotificationService",
            ["System", "Telemetry", "Security", "Persistence", "EventBus", "Contracts", "ServiceKit", "TestSupport"]
        ),
        unitTests(
            "BookingService",
            ["System", "Security", "Persistence", "Contracts", "ServiceKit", "TestSupport"]
        ),
        unitTests(
            "CommentService",
            ["System", "Contracts", "EventBus", "HTTPCore", "Persistence", "ServiceKit", "TestSupport"]
        ),
        unitTests(
            "ChatService",
            [
                "System", "Contracts", "EventBus", "HTTPCore", "HTTPTransport", "Persistence", "Reactor", "ServiceKit",
                "TestSupport",
            ]
        ),
        unitTests("EventLog", ["System", "Telemetry", "Reactor", "KafkaProtocol", "LogBroker", "TestSupport"]),
    ]
)

/// What every service but the broker builds on.
var serviceDependencies: [Target.Dependency] {
    [
        "System", "Telemetry", "Security", "Reactor", "HTTPCore", "HTTPTransport", "Persistence", "EventBus",
        "Contracts",
        "ServiceKit",
    ]
}
