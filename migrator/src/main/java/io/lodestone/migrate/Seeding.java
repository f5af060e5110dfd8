package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.LeasePolicy;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Writes the destination's data from the base of a stream, and waits until it runs. Leases are
 * written as held: none expires before its client has come over.
 */
final class Seeding {
  private static final CopyRules HELD_LEASES = new CopyRules(LeasePolicy.HOLD, 0);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Seed seed;
  private final Course course;

  Seeding(Seed seed, Course course) {
    this.seed = seed;
    this.course = course;
  }

  /** Removes what an earlier run, which the journal tells of, has left unfinished. */
  void discard() throws IOException {
    for (Path target : seed.targets()) {
      DurableFiles.deleteTree(target);
      Path parent = DurableFiles.parent(target);
      if (Files.isDirectory(parent)) {
        try (DirectoryStream<Path> partial =
            Files.newDirectoryStream(parent, target.getFileName() + ".partial-*")) {
          for (Path left : partial) {
            DurableFiles.deleteTree(left);
          }
        }
      }
    }
  }

  /** Data that are begun now. */
  Draft draft() throws IOException {
    return new Draft(seed.open(HELD_LEASES), course);
  }

  /** When this returns, every member's data are on disk, and so is the journal's word of it. */
  void write(RevisionStream stream) throws IOException, InterruptedException {
    try (Draft draft = draft()) {
      Optional<StreamItem> item = Optional.empty();
      while (!(item.isPresent() && item.get() instanceof Complete)) {
        course.heedRequests();
        item = stream.poll(POLL);
        if (item.isPresent()) {
          draft.accept(item.get());
        }
      }
      draft.finish();
    }
  }

  /** Waits until each of the destination's endpoints answers. */
  static void awaitStart(EtcdConnection destination, Duration patience, Course course)
      throws InterruptedException {
    long giveUpAt = System.nanoTime() + patience.toNanos();
    for (Endpoint endpoint : destination.endpoints()) {
      while (!answers(destination, endpoint)) {
        course.heedRequests();
        if (System.nanoTime() - giveUpAt > 0) {
          throw new LodestoneException(
              "the destination's member at "
                  + endpoint
                  + " was not started within "
                  + patience.toSeconds()
                  + " s",
              "start every member of the destination, on the directory written for it if there is"
                  + " one, then go on");
        }
        TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
      }
    }
  }

  static boolean answers(EtcdConnection cluster, Endpoint endpoint) {
    try {
      return cluster.status(endpoint).getLeader() != 0;
    } catch (LodestoneException e) {
      if (UnavailableException.isAbsence(e)) {
        return false;
      }
      throw e;
    }
  }
}
