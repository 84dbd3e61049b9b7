// swift-tools-version: 6.2

import PackageDescription

/// One settings array for every Swift target of ours: the strict end of the language, and no warnings.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Tests spend their time in what they test, and in `GranaryTesting`: optimizing them takes minutes and saves none.
let testSettings = settings + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")

let package = Package(
    name: "granary",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "granary", targets: ["granary"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C modules: a module map and a shim header, nothing else.
        .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibSSH", pkgConfig: "libssh", providers: [.apt(["libssh-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),

        .target(name: "OpenSSLKit", dependencies: ["COpenSSL"], swiftSettings: settings),
        .target(name: "Access", swiftSettings: settings),
        .target(name: "JSON", dependencies: [nioCore], swiftSettings: settings),
        .target(
            name: "GitCore",
            dependencies: [
                "CLibgit2", "CZlib", "CDeflate", "OpenSSLKit", nioCore,
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ObjectStore",
            dependencies: [
                "CLinux", "OpenSSLKit", logging, metrics, nioCore, nioPosix,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Outbound",
            dependencies: [
                nioCore, nioPosix,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "LFS",
            dependencies: ["GitCore", "JSON", "ObjectStore", "OpenSSLKit", nioCore],
            swiftSettings: settings
        ),
        .target(name: "Xet", dependencies: ["CLZ4"], swiftSettings: settings),
        .target(name: "Metadata", dependencies: ["Access", logging], swiftSettings: settings),
        .target(
            name: "MetadataSQLite",
            dependencies: [
                "Metadata", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .target(name: "MetadataPostgres", dependencies: ["CLibPQ", "Metadata", logging], swiftSettings: settings),
        .target(
            name: "HubCore",
            dependencies: [
                "Access", "CLinux", "GitCore", "JSON", "LFS", "Metadata", "ObjectStore", "OpenSSLKit", "Outbound",
                "Xet",
                logging, metrics, nioCore,
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SSHD",
            dependencies: [
                "Access", "CLibSSH", "GitCore", "HubCore", "LFS", "Metadata", "OpenSSLKit", logging, metrics, nioCore,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "HubAPI",
            dependencies: [
                "Access", "CLinux", "CZlib", "GitCore", "HubCore", "JSON", "LFS", "Metadata", "ObjectStore",
                "OpenSSLKit", "Xet",
                hummingbird,
                httpTypes, logging, metrics, nioCore,
                nioHTTP1, nioPosix,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "granary",
            dependencies: [
                "Access", "CLinux", "GitCore", "HubAPI", "HubCore", "LFS", "Metadata", "MetadataPostgres",
                "MetadataSQLite", "ObjectStore", "OpenSSLKit", "Outbound",
                "SSHD", logging, metrics, nioCore, nioPosix,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "GranaryTesting",
            dependencies: [
                "Access", "GitCore", "HubCore", "LFS", "Metadata", "MetadataSQLite", "ObjectStore", "OpenSSLKit",
                nioCore,
            ],
            swiftSettings: settings
        ),

        .testTarget(name: "OpenSSLKitTests", dependencies: ["OpenSSLKit"], swiftSettings: testSettings),
        .testTarget(name: "AccessTests", dependencies: ["Access"], swiftSettings: testSettings),
        .testTarget(name: "JSONTests", dependencies: ["JSON", nioCore], swiftSettings: testSettings),
        .testTarget(
            name: "GitCoreTests",
            dependencies: ["GitCore", "GranaryTesting", "OpenSSLKit", nioCore],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ObjectStoreTests",
            dependencies: ["GranaryTesting", "ObjectStore", "OpenSSLKit", logging, nioCore],
            swiftSettings: testSettings
        ),
        .testTarget(name: "OutboundTests", dependencies: ["Outbound", nioCore, nioPosix], swiftSettings: testSettings),
        .testTarget(
            name: "LFSTests",
            dependencies: ["GitCore", "GranaryTesting", "JSON", "LFS", "ObjectStore", "OpenSSLKit", nioCore],
            swiftSettings: testSettings
        ),
        .testTarget(name: "XetTests", dependencies: ["Xet"], swiftSettings: testSettings),
        .testTarget(
            name: "SSHDTests",
            dependencies: ["Access", "GitCore", "GranaryTesting", "HubCore", "LFS", "SSHD", logging, nioCore],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "MetadataTests",
            dependencies: ["Access", "GranaryTesting", "Metadata", "MetadataPostgres", "MetadataSQLite", logging],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "HubCoreTests",
            dependencies: [
                "Access", "GitCore", "GranaryTesting", "HubCore", "JSON", "LFS", "Metadata", "MetadataSQLite",
                "ObjectStore", "OpenSSLKit", "Outbound", "Xet", logging, nioCore, nioPosix,
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "HubAPITests",
            dependencies: [
                "Access", "GitCore", "HubAPI", "HubCore", "JSON", "LFS", "ObjectStore", "Xet", httpTypes, metrics,
                nioCore,
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "EndToEnd",
            dependencies: ["GitCore", "GranaryTesting", "OpenSSLKit", "Xet", nioCore],
            swiftSettings: testSettings
        ),
    ]
)
