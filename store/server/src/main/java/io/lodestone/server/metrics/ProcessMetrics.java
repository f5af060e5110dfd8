package io.lodestone.server.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What the operating system knows of this process, under Prometheus' usual names. */
final class ProcessMetrics {
  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  private ProcessMetrics() {}

  static void register(MetricList metrics) {
    metrics.gauge(
        "process_start_time_seconds",
        "When the process began, in seconds since 1970.",
        () -> ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS);
    metrics.gauge(
        "process_virtual_memory_bytes", "Addresses taken.", () -> ProcFiles.memoryBytes(0));
    metrics.gauge(
        "process_resident_memory_bytes", "Memory in use.", () -> ProcFiles.memoryBytes(1));
    metrics.gauge(
        "process_virtual_memory_max_bytes",
        "Addresses that may be taken.",
        ProcFiles::addressLimitBytes);
    metrics.counter(
        "process_network_receive_bytes_total",
        "Received in the network namespace.",
        () -> ProcFiles.network("InOctets"));
    metrics.counter(
        "process_network_transmit_bytes_total",
        "Sent in the network namespace.",
        () -> ProcFiles.network("OutOctets"));
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os) {
      metrics.counter(
          "process_cpu_seconds_total", "Processor time.", () -> os.getProcessCpuTime() / NANOS);
      metrics.gauge("process_open_fds", "Open files.", os::getOpenFileDescriptorCount);
      metrics.gauge("process_max_fds", "Files that may be open.", os::getMaxFileDescriptorCount);
      metrics.gauge("os_fd_used", "Open files.", os::getOpenFileDescriptorCount);
      metrics.gauge("os_fd_limit", "Files that may be open.", os::getMaxFileDescriptorCount);
    }
  }
}
