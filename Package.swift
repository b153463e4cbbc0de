// swift-tools-version: 6.2
import PackageDescription

/// Kernels at -O0 run some 80 times slower, so C is optimised in debug builds too.
let optimised: [CSetting] = [.unsafeFlags(["-O2"], .when(configuration: .debug))]

let package = Package(
    name: "percept",
    products: [
        .executable(name: "percept", targets: ["percept"]),
        // For the kernels' benchmark, which is a package of its own.
        .library(name: "Tensors", targets: ["Tensors", "CKernels"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // System libraries and SIMD kernels.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels", cSettings: optimised),

        // The engine.
        .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"]),
        .target(name: "Neural", dependencies: ["Tensors"]),
        .target(name: "Weights", dependencies: ["CZlib", "Tensors"]),

        // Brain images, and what is done to each volume.
        .target(name: "Neuroimaging", dependencies: ["CZlib"]),
        .target(name: "Preprocessing", dependencies: ["CKernels", "Neuroimaging", "Tensors"]),

        // The method.
        .target(name: "Decoder", dependencies: ["CKernels", "Neural", "Tensors", "Weights"]),

        // Pictures, charts, data sets, metrics, and the comparison with the reference.
        .target(name: "Images", dependencies: ["CPNG", "Tensors"]),
        .target(name: "Plotting", dependencies: ["Images"]),
        .target(name: "Training", dependencies: ["Images", "Tensors", "Weights"]),
        .target(name: "Evaluation", dependencies: ["Images", "Tensors"]),
        .target(
            name: "Parity",
            dependencies: ["Decoder", "Evaluation", "Images", "Neural", "Tensors", "Training", "Weights"]
        ),

        // The command line.
        .target(
            name: "Benchmarking",
            dependencies: ["CKernels", "Decoder", "Neural", "Neuroimaging", "Preprocessing", "Tensors", "Weights"]
        ),
        .executableTarget(
            name: "percept",
            dependencies: [
                "Benchmarking", "Decoder", "Images", "Neural", "Neuroimaging", "Parity", "Plotting", "Preprocessing",
                "Tensors", "Weights",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        // Where the golden data is.
        .target(name: "SharedMaterial", path: "Tests/SharedMaterial"),

        .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
        .testTarget(name: "NeuralTests", dependencies: ["Neural", "Tensors"]),
        .testTarget(name: "WeightsTests", dependencies: ["SharedMaterial", "Tensors", "Weights"]),
        .testTarget(name: "NeuroimagingTests", dependencies: ["CKernels", "Neuroimaging", "SharedMaterial"]),
        .testTarget(
            name: "PreprocessingTests",
            dependencies: ["Neuroimaging", "Preprocessing", "SharedMaterial", "Tensors", "Weights"],
            resources: [.copy("Fixtures")]
        ),
        .testTarget(name: "DecoderTests", dependencies: ["Decoder", "Neural", "SharedMaterial", "Tensors", "Weights"]),
        .testTarget(name: "ImagesTests", dependencies: ["Decoder", "Images", "SharedMaterial", "Tensors"]),
        .testTarget(name: "PlottingTests", dependencies: ["Images", "Plotting"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["Images", "SharedMaterial", "Tensors", "Training", "Weights"]
        ),
        .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "Images", "Tensors"]),
        .testTarget(name: "ParityTests", dependencies: ["Parity", "SharedMaterial", "Weights"]),
        .testTarget(name: "CommandLineTests", dependencies: ["Neuroimaging", "percept", "SharedMaterial", "Weights"]),
    ],
    swiftLanguageModes: [.v6]
)
