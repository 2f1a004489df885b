import System

extension MetricRegistry {
    /// Adds what the process uses, under the standard names of Prometheus' client libraries: `process_cpu_seconds_total`,
    /// `process_resident_memory_bytes`, `process_virtual_memory_bytes`, `process_open_fds`, `process_max_fds` and
    /// `process_start_time_seconds`. More than once does no harm.
    public func observeProcess() {
        observeCounter("process.cpu", unit: "s", help: "Processor time used, user and system.") {
            ProcessUsage.processorSeconds
        }
        observe("process.resident_memory", unit: "By", help: "Memory in RAM.") { Double(ProcessUsage.residentBytes) }
        observe("process.virtual_memory", unit: "By", help: "Address space.") { Double(ProcessUsage.virtualBytes) }
        observe("process.open_fds", help: "Open file descriptors.") { Double(ProcessUsage.openDescriptors) }
        observe("process.max_fds", help: "File descriptors that may be open.") {
            Double(ProcessUsage.maximumDescriptors)
        }
        let start = ProcessUsage.startTime
        observe("process.start_time", unit: "s", help: "When the process was started, Unix time.") {
            start.map { Double($0.milliseconds) / 1000 } ?? .nan
        }
    }
}
