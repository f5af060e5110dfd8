package io.lodestone.conformance;

import com.google.errorprone.annotations.Immutable;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Who may compete. A new candidate is one line here and one class beside {@link StockEtcd}. */
public enum Contestants {
  ETCD_3_4(List.of(), (folder, flags) -> StockEtcd.start(EtcdRelease.of("3.4"), folder, flags)),
  ETCD_3_5(
      List.of("--unsafe-no-fsync"),
      (folder, flags) -> StockEtcd.start(EtcdRelease.of("3.5"), folder, flags)),
  OURS(List.of("--unsafe-no-fsync"), OurStore::start);

  /** What everybody is compared with. */
  public static final Contestants REFERENCE = ETCD_3_5;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> hasty;

  private final Starter starter;

  Contestants(List<String> hasty, Starter starter) {
    this.hasty = hasty;
    this.starter = starter;
  }

  /** The one under test: {@code -Dlodestone.conformance.candidate}, or our store. */
  public static Contestants candidate() {
    return valueOf(System.getProperty("lodestone.conformance.candidate", OURS.name()));
  }

  /**
   * Starts a member called {@code m1} on ports of its own choice, its data below {@code folder};
   * returns when it answers.
   *
   * @param flags etcd's own, in the form {@code --name=value}
   */
  public Contestant start(Path folder, String... flags) throws IOException, InterruptedException {
    return starter.start(folder, List.of(flags));
  }

  /** As {@link #start}, quicker where the server can do without bringing writes to disk. */
  public Contestant startHasty(Path folder, String... flags)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(hasty);
    all.addAll(List.of(flags));
    return starter.start(folder, all);
  }

  @Immutable
  private interface Starter {
    Contestant start(Path folder, List<String> flags) throws IOException, InterruptedException;
  }
}
