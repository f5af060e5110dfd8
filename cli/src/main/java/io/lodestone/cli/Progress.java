package io.lodestone.cli;

import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar on standard error while something long runs; nothing where that is not a terminal.
 */
final class Progress implements AutoCloseable {
  private final Optional<ProgressBar> bar;

  private Progress(Optional<ProgressBar> bar) {
    this.bar = bar;
  }

  /**
   * @param unit what is counted, for example {@code " rows"}; with {@code unitSize} of it to one
   *     step of the bar
   */
  static Progress of(String task, String unit, long unitSize) {
    if (!isShown()) {
      return new Progress(Optional.empty());
    }
    ProgressBarBuilder builder =
        new ProgressBarBuilder().setTaskName(task).setUnit(unit, unitSize).setInitialMax(-1);
    builder.setStyle(ProgressBarStyle.ASCII).showSpeed().setUpdateIntervalMillis(200);
    return new Progress(Optional.of(builder.build()));
  }

  /** Whether anybody would see it. */
  static boolean isShown() {
    return Boolean.getBoolean("lodestone.terminal");
  }

  void at(long done) {
    bar.ifPresent(shown -> shown.stepTo(done));
  }

  /** The same, where the end is known. */
  void at(long done, long total) {
    bar.ifPresent(shown -> shown.maxHint(total).stepTo(done));
  }

  @Override
  public void close() {
    bar.ifPresent(ProgressBar::close);
  }
}
