package io.lodestone.server.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the operating system knows of this process, under Prometheus' usual names. */
final class ProcessMetrics {
  private static final Path STATM = Path.of("/proc/self/statm");
  private static final int PAGE_BYTES = 4096;
  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  private ProcessMetrics() {}

  static void register(MetricList metrics) {
    metrics.gauge(
        "process_start_time_seconds",
        "When the process began, in seconds since 1970.",
        () -> ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS);
    metrics.gauge("process_virtual_memory_bytes", "Addresses taken.", () -> statm(0));
    metrics.gauge("process_resident_memory_bytes", "Memory in use.", () -> statm(1));
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os) {
      metrics.counter(
          "process_cpu_seconds_total", "Processor time.", () -> os.getProcessCpuTime() / NANOS);
      metrics.gauge("process_open_fds", "Open files.", os::getOpenFileDescriptorCount);
      metrics.gauge("process_max_fds", "Files that may be open.", os::getMaxFileDescriptorCount);
      metrics.gauge("os_fd_used", "Open files.", os::getOpenFileDescriptorCount);
      metrics.gauge("os_fd_limit", "Files that may be open.", os::getMaxFileDescriptorCount);
    }
  }

  /** Bytes; NaN on systems without /proc. */
  private static double statm(int field) {
    try {
      return Files.exists(STATM)
          ? PAGE_BYTES * Double.parseDouble(Files.readString(STATM).split(" ", -1)[field])
          : Double.NaN;
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
