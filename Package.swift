// swift-tools-version: 6.2
import PackageDescription

/// Kernels at -O0 run some 80 times slower, so C is optimised in debug builds too.
let optimised: [CSetting] = [.unsafeFlags(["-O2"], .when(configuration: .debug))]

let package = Package(
    name: "percept",
    products: [
        .executable(name: "percept", targets: ["percept"]),
        .executable(name: "perceptd", targets: ["perceptd"]),
        // For the kernels' benchmark, which is a package of its own.
        .library(name: "Tensors", targets: ["Tensors", "CKernels"]),
        // For the daemon's tests, which load it into the daemon.
        .library(name: "CFailpoint", type: .dynamic, targets: ["CFailpoint"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // System libraries and SIMD kernels.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CLAPACK", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg62-turbo-dev"])]),
        .target(name: "CJPEGShim", dependencies: ["CJPEG"]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
        .target(name: "CHDF5Shim", dependencies: ["CHDF5"]),
        .target(name: "HDF5", dependencies: ["CHDF5", "CHDF5Shim"]),
        .target(name: "CLinux"),
        .target(name: "CFailpoint"),
        .target(name: "CKernels", cSettings: optimised),
        .target(name: "Digests", dependencies: ["CKernels"]),

        // The engine.
        .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"]),
        .target(name: "Neural", dependencies: ["Tensors"]),
        .target(name: "Weights", dependencies: ["CZlib", "Tensors"]),

        // Brain images, and what is done to each volume.
        .target(name: "Neuroimaging", dependencies: ["CZlib"]),
        .target(name: "Preprocessing", dependencies: ["CKernels", "Neuroimaging", "Tensors"]),

        // The method.
        .target(name: "Decoder", dependencies: ["Digests", "Neural", "Tensors", "Weights"]),

        // Pictures, charts, data sets, metrics, and the comparison with the reference.
        .target(name: "Images", dependencies: ["CJPEGShim", "CPNG", "Tensors"]),
        .target(name: "Plotting", dependencies: ["Images"]),
        .target(
            name: "Training",
            dependencies: [
                "CZlib", "Decoder", "Digests", "Evaluation", "HDF5", "Images", "Neural", "Plotting", "Settings",
                "Tensors", "Weights",
            ]
        ),
        .target(
            name: "Evaluation",
            dependencies: ["CLAPACK", "COpenBLAS", "Decoder", "Images", "Neural", "Plotting", "Tensors", "Weights"]
        ),
        .target(
            name: "Parity",
            dependencies: ["Decoder", "Evaluation", "Images", "Neural", "Tensors", "Training", "Weights"]
        ),

        // The live pipeline: from a volume on the wire to a published reconstruction.
        .target(name: "Threading", dependencies: ["CLinux"]),
        .target(name: "WireFormat"),
        .target(
            name: "Streaming",
            dependencies: ["CLinux", "CZeroMQ", "Neuroimaging", "Settings", "Threading", "WireFormat"]
        ),
        .target(
            name: "Sessions",
            dependencies: [
                "CHDF5", "CHDF5Shim", "Digests", "HDF5", "Neuroimaging",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .target(name: "SessionDatasets", dependencies: ["Images", "Sessions", "Training"]),
        .target(name: "Settings", dependencies: ["Yams"]),
        .target(
            name: "Live",
            dependencies: [
                "CLinux", "Decoder", "Digests", "Images", "Neuroimaging", "Preprocessing", "Sessions", "Settings",
                "Streaming", "Tensors", "Threading", "Weights", "WireFormat",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        // A scanner room without a scanner.
        .target(
            name: "Simulation",
            dependencies: [
                "Images", "Neuroimaging", "Preprocessing", "Settings", "Streaming", "Tensors", "Weights",
            ],
            // Images and volumes are made in plain Swift loops, which are some 50 times slower at -Onone.
            swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]
        ),

        // What a person sees of a live session.
        .target(name: "Terminal", dependencies: ["Images", "WireFormat"]),

        // The command line.
        .target(
            name: "Benchmarking",
            dependencies: [
                "CKernels", "Decoder", "Live", "Neural", "Neuroimaging", "Preprocessing", "Settings", "Streaming",
                "Tensors", "Weights", "WireFormat",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .executableTarget(
            name: "percept",
            dependencies: [
                "Benchmarking", "CLinux", "Decoder", "Digests", "Evaluation", "HDF5", "Images", "Live", "Neural",
                "Neuroimaging", "Parity", "Plotting", "Preprocessing", "SessionDatasets", "Sessions", "Settings",
                "Simulation", "Streaming", "Tensors", "Terminal", "Threading", "Training", "Weights", "WireFormat",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "perceptd",
            dependencies: [
                "Live", "Settings",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // Where the golden data is.
        .target(name: "SharedMaterial", path: "Tests/SharedMaterial"),
        // Small scans and decoders for the tests of whole pipelines.
        .target(
            name: "TestSupport",
            dependencies: ["Decoder", "Neuroimaging", "Preprocessing", "SharedMaterial", "Tensors", "Weights"],
            path: "Tests/TestSupport"
        ),
        // A daemon whose pipeline misbehaves on demand.
        .executableTarget(
            name: "FakeDaemon",
            dependencies: ["Live", "Settings", "Streaming"],
            path: "Tests/FakeDaemon"
        ),

        .testTarget(name: "DigestsTests", dependencies: ["Digests"]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
        .testTarget(name: "HDF5Tests", dependencies: ["Digests", "HDF5", "SharedMaterial"]),
        .testTarget(name: "NeuralTests", dependencies: ["Neural", "Tensors"]),
        .testTarget(name: "WeightsTests", dependencies: ["SharedMaterial", "Tensors", "Weights"]),
        .testTarget(name: "NeuroimagingTests", dependencies: ["CKernels", "Neuroimaging", "SharedMaterial"]),
        .testTarget(
            name: "PreprocessingTests",
            dependencies: ["Neuroimaging", "Preprocessing", "SharedMaterial", "Tensors", "Weights"],
            resources: [.copy("Fixtures")]
        ),
        .testTarget(
            name: "DecoderTests",
            dependencies: ["Decoder", "Digests", "Neural", "SharedMaterial", "Tensors", "TestSupport", "Weights"]
        ),
        .testTarget(name: "ImagesTests", dependencies: ["Digests", "Images", "SharedMaterial", "Tensors"]),
        .testTarget(name: "PlottingTests", dependencies: ["Images", "Plotting"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "CZlib", "Decoder", "HDF5", "Images", "Neural", "Settings", "SharedMaterial", "Tensors", "Training",
                "Weights",
            ]
        ),
        .testTarget(
            name: "EvaluationTests",
            dependencies: ["Decoder", "Evaluation", "Images", "Neural", "SharedMaterial", "Tensors", "Weights"]
        ),
        .testTarget(name: "ParityTests", dependencies: ["Parity", "SharedMaterial", "Weights"]),
        .testTarget(name: "ThreadingTests", dependencies: ["Threading"]),
        .testTarget(name: "WireFormatTests", dependencies: ["WireFormat"]),
        .testTarget(
            name: "StreamingTests",
            dependencies: ["Neuroimaging", "Settings", "SharedMaterial", "Streaming", "Threading", "WireFormat"]
        ),
        .testTarget(
            name: "SessionsTests",
            dependencies: [
                "CHDF5", "CHDF5Shim", "HDF5", "Neuroimaging", "Sessions", "SharedMaterial",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "SessionDatasetsTests",
            dependencies: ["Images", "Neuroimaging", "SessionDatasets", "Sessions", "Training"]
        ),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Images", "Neuroimaging", "Preprocessing", "Settings", "SharedMaterial", "Simulation", "Streaming",
                "Tensors", "TestSupport", "Weights",
            ]
        ),
        .testTarget(name: "TerminalTests", dependencies: ["Images", "Terminal", "WireFormat"]),
        .testTarget(
            name: "LiveTests",
            dependencies: [
                "Decoder", "FakeDaemon", "Images", "Live", "Neuroimaging", "perceptd", "Preprocessing", "Sessions",
                "Settings", "SharedMaterial", "Streaming", "Tensors", "TestSupport", "Threading", "WireFormat",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Decoder", "Images", "Live", "Neuroimaging", "percept", "perceptd", "Preprocessing", "Sessions",
                "Settings", "SharedMaterial", "Streaming", "Tensors", "Terminal", "TestSupport", "WireFormat",
            ]
        ),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "Images", "Neuroimaging", "percept", "perceptd", "Sessions", "Settings", "SharedMaterial", "Simulation",
                "Streaming", "TestSupport", "Weights", "WireFormat",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
