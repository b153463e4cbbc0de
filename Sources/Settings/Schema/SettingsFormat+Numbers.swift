import Yams

extension SettingsFormat where Value == Bool {
    /// `true` or `false`.
    static var flag: Self {
        SettingsFormat("true or false") { scalar, _ in
            switch (scalar.style, scalar.string.lowercased()) {
            case (.plain, "true"): .value(true)
            case (.plain, "false"): .value(false)
            case (.plain, "yes"), (.plain, "on"): .wrong("write true")
            case (.plain, "no"), (.plain, "off"): .wrong("write false")
            case (_, "true"), (_, "false"): .wrong("remove the quotes")
            default: .wrong("")
            }
        } write: {
            "\($0)"
        }
    }
}

extension SettingsFormat where Value: FixedWidthInteger & Sendable {
    /// A whole number in a range.
    static func integer(_ range: ClosedRange<Value>) -> Self {
        let expected =
            range.upperBound == .max
            ? "a whole number from \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return SettingsFormat(expected) { scalar, _ in
            if let remedy = NumberText.remedy(for: scalar) { return .wrong(remedy) }
            guard NumberText.isInteger(scalar.string), let value = Value(scalar.string), range.contains(value) else {
                return .wrong("")
            }
            return .value(value)
        } write: {
            "\($0)"
        }
    }
}

extension SettingsFormat where Value == Double {
    /// A number in a range.
    static func number(_ range: ClosedRange<Double>) -> Self {
        let bounds = "from \(NumberText.short(range.lowerBound)) to \(NumberText.short(range.upperBound))"
        return SettingsFormat("a number \(bounds)") { scalar, _ in
            if let remedy = NumberText.remedy(for: scalar) { return .wrong(remedy) }
            guard NumberText.isDecimal(scalar.string), let value = Double(scalar.string), range.contains(value) else {
                return .wrong(scalar.string.lowercased().contains("e") ? "write it without an exponent" : "")
            }
            return .value(value)
        } write: {
            "\($0)"
        }
    }

    /// A time in s within a range.
    static func seconds(_ range: ClosedRange<Double>) -> Self {
        let bounds = "from \(NumberText.short(range.lowerBound)) to \(NumberText.short(range.upperBound))"
        return SettingsFormat("seconds as a number \(bounds)") { scalar, _ in
            if let remedy = NumberText.remedy(for: scalar) { return .wrong(remedy) }
            if let remedy = NumberText.unitRemedy(for: scalar.string) { return .wrong(remedy) }
            guard NumberText.isDecimal(scalar.string), let value = Double(scalar.string), range.contains(value) else {
                return .wrong("")
            }
            return .value(value)
        } write: {
            "\($0)"
        }
    }
}

extension SettingsFormat where Value == Int {
    /// A size: bytes as a whole number, or a whole number of KiB, MiB or GiB.
    static func bytes(_ range: ClosedRange<Int>) -> Self {
        let bounds = "from \(NumberText.size(range.lowerBound)) to \(NumberText.size(range.upperBound))"
        let expected = "a size \(bounds), such as 1048576 or 256 MiB"
        return SettingsFormat(expected) { scalar, _ in
            if scalar.style == .plain, let remedy = NumberText.remedy(for: scalar) { return .wrong(remedy) }
            let parts = scalar.string.split(separator: " ", maxSplits: 1).map(String.init)
            guard let first = parts.first, NumberText.isInteger(first), let number = Int(first) else {
                return .wrong("")
            }
            var factor = 1
            if parts.count == 2 {
                switch parts[1] {
                case "KiB": factor = 1 << 10
                case "MiB": factor = 1 << 20
                case "GiB": factor = 1 << 30
                case "KB", "kB", "MB", "GB": return .wrong("write \(parts[1].uppercased().prefix(1))iB")
                default: return .wrong("")
                }
            }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
            return !overflow && range.contains(bytes) ? .value(bytes) : .wrong("")
        } write: {
            "\($0)"
        }
    }

    /// A TCP port.
    static var port: Self { .integer(1...65535) }
}

/// The one way in which numbers are written: decimal, without exponent, quotes or leading zeros.
enum NumberText {
    /// What to do about a number that YAML readers take differently, or not as a number.
    static func remedy(for scalar: Node.Scalar) -> String? {
        let text = scalar.string
        if scalar.style != .plain { return isDecimal(text) ? "remove the quotes" : nil }
        let digits = text.drop { $0 == "-" || $0 == "+" }
        let isTrap = digits.count > 1 && digits.first == "0" && digits.dropFirst().first?.isNumber == true
        if isTrap, digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) {
            let plain = digits.drop { $0 == "0" }
            let value = plain.isEmpty || plain.first == "." ? "0" + plain : String(plain)
            return "a leading zero can mean octal: write \(value)"
        }
        if digits.hasPrefix("0x") || digits.hasPrefix("0o") || digits.hasPrefix("0b") { return "write it in decimal" }
        if digits.contains("_"), isDecimal(digits.filter { $0 != "_" }) { return "remove the _" }
        return nil
    }

    /// What to do about seconds that are written with a unit.
    static func unitRemedy(for text: String) -> String? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard isDecimal(String(number)), let value = Double(number) else { return nil }
        switch text.dropFirst(number.count).drop(while: { $0 == " " }) {
        case "s": return "write \(short(value))"
        case "ms": return "write \(short(value / 1000))"
        default: return nil
        }
    }

    static func isInteger(_ text: String) -> Bool {
        let digits = text.first == "-" ? text.dropFirst() : text[...]
        guard let first = digits.first, digits.count <= 20 else { return false }
        return digits.allSatisfy { $0.isASCII && $0.isNumber } && (first != "0" || digits.count == 1)
    }

    static func isDecimal(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2, isInteger(String(whole)) || whole == "-0" else { return false }
        guard parts.count == 2 else { return true }
        return !parts[1].isEmpty && parts[1].count <= 20 && parts[1].allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// A number without needless decimals.
    static func short(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }

    /// A size in the largest unit that divides it.
    static func size(_ bytes: Int) -> String {
        for (name, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes > 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift) \(name)"
        }
        return "\(bytes)"
    }
}
