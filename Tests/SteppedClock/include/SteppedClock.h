#pragma once

/// A library to preload (`LD_PRELOAD`) into programs under test: it moves their wall clock by the milliseconds that the
/// file of `STEPPED_CLOCK_FILE` holds as decimal text, from the moment the file is replaced. `TestClock` of TestSupport
/// writes it.
///
/// Only the wall clock moves: `clock_gettime(CLOCK_REALTIME)`, `gettimeofday`, `time`, `timespec_get`, and waits until an
/// instant of it, which end early or late when the clock is set, as the kernel's do. Monotonic time stays the machine's.
///
/// libfaketime does not do this: it lets C11's `cnd_timedwait`, by which librdkafka waits, see moved instants on an unmoved
/// clock, and moves the monotonic timers of libdispatch, which then spins.
///
/// There is nothing to call.
