extension DaemonSettings {
    /// Tells the reader which settings contradict each other.
    func check(with reader: SettingsReader) {
        if let steps = decoding.steps, decoding.fewestSteps > steps {
            let detail = "is \(decoding.fewestSteps), more than decoding.steps, \(steps); make it smaller"
            reader.report("decoding.fewestSteps", detail)
        }
        checkBundle(with: reader)
        checkInput(with: reader)
        checkAddresses(with: reader)
        checkKeys(with: reader)
    }

    private func checkBundle(with reader: SettingsReader) {
        guard bundle == nil else { return }
        if decoding.enabled {
            reader.report("bundle", "is missing; add it, or set decoding.enabled: false to record without a decoder")
        } else if preprocessing == nil {
            reader.report("preprocessing", "is missing; without a bundle, name what `percept preprocess` wrote")
        }
    }

    private func checkInput(with reader: SettingsReader) {
        switch input {
        case .percept(let percept):
            if percept.resend == nil, SocketAddress(percept.subscribe)?.next == nil {
                reader.report("input.subscribe", "has no port after it; choose a smaller one or set input.resend")
            }
        case .afni(let afni):
            if afni.controlPort == afni.dataPort {
                reader.report("input.dataPort", "is the same as input.controlPort; choose another")
            }
            checkTrusted(afni.trusted, isLocal: SocketAddress.isLoopback(afni.host), with: reader)
        case .pyneal(let pyneal):
            let isLocal = SocketAddress(pyneal.bind)?.isLoopback ?? true
            checkTrusted(pyneal.trusted, isLocal: isLocal, with: reader)
        case .folder: break
        }
    }

    /// These senders know no keys, so that off loopback their addresses have to do.
    private func checkTrusted(_ trusted: [String], isLocal: Bool, with reader: SettingsReader) {
        if !isLocal, trusted.contains(where: { $0.count < 2 }) {
            reader.report("input.trusted", "lets everybody send from outside this machine; name the scanner's address")
        }
    }

    /// Where ZeroMQ sockets listen: the key and the address.
    public var listeners: [(key: String, address: SocketAddress)] {
        var texts = [("output.publish", output.publish)]
        if let resend = output.resend {
            texts.append(("output.resend", resend))
        } else if let next = SocketAddress(output.publish)?.next {
            texts.append(("output.resend", next.text))
        }
        if case .pyneal(let pyneal) = input { texts.append(("input.bind", pyneal.bind)) }
        return texts.compactMap { key, text in SocketAddress(text).map { (key, $0) } }
    }

    private func checkAddresses(with reader: SettingsReader) {
        if output.resend == nil, SocketAddress(output.publish)?.next == nil {
            reader.report("output.publish", "has no port after it; choose a smaller one or set output.resend")
        }
        let listeners = listeners
        for (index, listener) in listeners.enumerated() {
            if let port = listener.address.port,
                let other = listeners[..<index].first(where: { $0.address.port == port })
            {
                reader.report(listener.key, "has port \(port), as \(other.key) has; choose another")
            }
            if !listener.address.isLoopback, security.key == nil, listener.key != "input.bind" {
                reader.report(
                    listener.key,
                    "\(listener.address.text) can be reached from other machines, which needs keys; set security.key"
                        + " (percept keygen makes one) and security.allowed, or listen on 127.0.0.1"
                )
            }
        }
    }

    private func checkKeys(with reader: SettingsReader) {
        if security.key != nil, security.allowed.isEmpty {
            reader.report("security.allowed", "is empty, so nobody could connect; add the public keys of the peers")
        }
        if security.key == nil, security.publisher != nil {
            reader.report("security.publisher", "is of no use without security.key; set it (percept keygen makes one)")
        }
        if security.key == nil, !security.allowed.isEmpty {
            reader.report("security.allowed", "is of no use without security.key; set it (percept keygen makes one)")
        }
    }
}
