package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Plays games until enough requests were sent. After a difference that has changed what is stored,
 * and where the reference did not answer, both sides are started afresh, so that one difference
 * does not drag a thousand others behind it.
 */
final class Run {
  private static final int FRESH_STARTS = 40;
  private static final ByteString ALL = ByteString.copyFrom(new byte[] {0});

  private final Contestants candidate;
  private final Path folder;
  private final long requests;
  private final Function<Dice, Game> games;
  private final Start start;
  private final String[] flags;

  /**
   * @param folder for the data of all servers
   * @param flags for both sides
   */
  Run(
      Contestants candidate,
      Path folder,
      long requests,
      Function<Dice, Game> games,
      String... flags) {
    this(candidate, folder, requests, games, Contestants::startHasty, flags);
  }

  private Run(
      Contestants candidate,
      Path folder,
      long requests,
      Function<Dice, Game> games,
      Start start,
      String... flags) {
    this.start = start;
    this.candidate = candidate;
    this.folder = folder;
    this.requests = requests;
    this.games = games;
    this.flags = flags;
  }

  /** The same on servers that bring every write to disk, as one that may be killed has to. */
  Run durably() {
    return new Run(candidate, folder, requests, games, Contestants::start, flags);
  }

  Report play(long seed) throws IOException, InterruptedException {
    Dice dice = new Dice(seed);
    Report report = new Report(candidate + " beside " + Contestants.REFERENCE + ", seed " + seed);
    for (int start = 0; start <= FRESH_STARTS && report.requests() < requests; start++) {
      try (Duel duel = pair(folder.resolve("pair-" + start), report)) {
        report.freshStart();
        play(duel, games.apply(dice));
      } catch (SilentReferenceException e) {
        report.referenceSilent(e.getMessage());
      }
    }
    return report;
  }

  private Duel pair(Path data, Report report) throws IOException, InterruptedException {
    Contestant reference = start.start(Contestants.REFERENCE, data.resolve("reference"), flags);
    Contestant other = start.start(candidate, data.resolve("candidate"), flags);
    return new Duel(new Side(reference), new Side(other), report);
  }

  private interface Start {
    Contestant start(Contestants who, Path folder, String... flags)
        throws IOException, InterruptedException;
  }

  private void play(Duel duel, Game game) throws InterruptedException {
    Report report = duel.report();
    int known = report.total();
    game.open(duel);
    while (report.requests() < requests) {
      game.turn(duel);
      if (report.total() > known && !(game.goesOnAfterDifference() && alike(duel))) {
        return;
      }
      known = report.total();
    }
    game.finish(duel);
  }

  /** Whether the two still store the same; not counted among the differences. */
  private static boolean alike(Duel duel) {
    List<Call> probes =
        List.of(
            new Call("KV/Range", RangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).build()),
            new Call("Maintenance/HashKV", HashKVRequest.getDefaultInstance()),
            new Call("Lease/LeaseLeases", LeaseLeasesRequest.getDefaultInstance()));
    return probes.stream().allMatch(duel::alike);
  }
}
