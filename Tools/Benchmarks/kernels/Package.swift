// swift-tools-version: 6.2
import PackageDescription

/// Times the kernels by shape; see the README beside it.
let package = Package(
    name: "kernels",
    dependencies: [.package(name: "percept", path: "../../..")],
    targets: [.executableTarget(name: "kernels", dependencies: [.product(name: "Tensors", package: "percept")])],
    swiftLanguageModes: [.v6]
)
