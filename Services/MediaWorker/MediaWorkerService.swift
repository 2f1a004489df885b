import BlobStore
import EventBus
import Reactor
import ServiceKit
import Synchronization
import System
import Telemetry

@main
enum Main {
    static func main() async {
        // Before anything makes a thread: this process forks.
        if Environment.value(ImageProcess.variable) != nil { Process.exit(ImageProcess.run()) }
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == ThumbnailCommand.argument {
            Process.exit(ThumbnailCommand.run(Array(arguments.dropFirst())))
        }
        await Service.run("media-worker", port: 8104, compose)
    }

    /// The service's table of contents.
    static func compose(_ service: ServiceBuilder) async throws {
        let settings = MediaWorkerConfiguration(&service.reader)
        try service.reader.finish()
        let folder = try WorkFolder(
            in: "\(service.configuration.dataDirectory)/jobs",
            id: .version7(at: service.clock.now)
        )
        let sandbox = try Sandbox(settings.sandbox, directory: folder.path)
        let slots = SlotPool(
            try (0..<settings.jobs).map { try JobSlot(directory: "\(folder.path)/\($0)", sandbox: sandbox) }
        )
        let blobs = try BlobStore(settings.blobStore)
        let workers = try WorkerPool(name: "media", threads: settings.jobs, queueLimit: 4 * settings.jobs)
        var processor = MediaProcessor(blobs: blobs, slots: slots, workers: workers)
        (processor.imageLimits, processor.videoLimits) = (settings.images, settings.videos)
        let producer = try EventProducer(service.configuration.kafka, logger: service.logger)
        let (state, loop) = (SandboxState(), service.loops.next())
        let events = MediaWorkerEvents(
            processor: processor,
            producer: producer,
            sandbox: state,
            clock: service.clock,
            logger: service.logger,
            loop: loop
        )
        let consumer = try JobConsumer(
            group: MediaWorkerEvents.group,
            topics: MediaWorkerEvents.topics,
            kafka: service.configuration.kafka,
            producer: producer,
            clock: service.clock,
            logger: service.logger,
            handler: events.handle
        )
        let keeper = SandboxKeeper(slots: slots, workers: workers, state: state, logger: service.logger) {
            try consumer.start(on: loop)
        }
        service.every(SandboxKeeper.period, "sandbox", keeper.step)
        service.health.add("sandbox", detail: { state.problem }) { state.problem == nil }
        service.health.add("jobs") { consumer.isMember }
        observe(slots)
        service.onStop {
            for slot in slots.slots { slot.abandon() }
            await consumer.stop()
            producer.stop()
            blobs.close()
            workers.shutdown()
            for slot in slots.slots { slot.closeImages() }
            // What stays is removed by the next worker that starts.
            try? folder.remove()
        }
    }

    private static func observe(_ slots: SlotPool) {
        let registry = MetricRegistry.shared
        registry.observe("media.jobs.running", help: "Jobs that have a slot.") { Double(slots.busy) }
        registry.observe("media.jobs.waiting", help: "Jobs that wait for a slot.") { Double(slots.waiting) }
    }
}
