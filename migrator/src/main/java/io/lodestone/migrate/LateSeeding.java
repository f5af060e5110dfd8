package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.migrate.journal.Standing;
import io.lodestone.revisions.RevisionStream;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * For a source that writes faster than a destination can repeat: its revisions go into the data of
 * a destination that is not started before the source is fenced. Writers wait for what is done
 * then: finishing those data, and starting the destination. A run that fails or is killed before
 * the cutover begins the data anew.
 */
final class LateSeeding {
  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final Fence fence;
  private final Course course;

  LateSeeding(EtcdConnection source, EtcdConnection destination, Fence fence, Course course) {
    this.source = source;
    this.destination = destination;
    this.fence = fence;
    this.course = course;
  }

  /**
   * When this returns, the journal knows, and writers write: what follows takes too long for them
   * to wait.
   *
   * @param rates how fast both sides are, where the source turned out too fast
   */
  void begin(Map<String, String> rates) throws IOException, InterruptedException {
    Standing standing = course.journal().standing();
    if (standing.fenced()) {
      fence.lower();
      course.journal().record(Event.UNFENCED, Map.of());
    }
    if (!standing.late()) {
      course.journal().record(Event.SEEDING_LATE, rates);
    }
  }

  /** Fails where a member still runs that must not have its data taken away. */
  void stopDestination(HookRunner hooks, Optional<String> command)
      throws IOException, InterruptedException {
    if (destination.endpoints().stream().anyMatch(this::answers)) {
      hooks.run("stop", command);
    }
    for (Endpoint endpoint : destination.endpoints()) {
      if (answers(endpoint)) {
        throw new LodestoneException(
            "the destination's member at "
                + endpoint
                + " still runs on data that have to be written anew",
            "stop every member of the destination, then run again; with --stop-command that needs"
                + " nobody");
      }
    }
  }

  private boolean answers(Endpoint endpoint) {
    try {
      destination.status(endpoint);
      return true;
    } catch (UnavailableException e) {
      return false;
    }
  }

  /**
   * Until the source is fenced, which waits until the cutover is asked for unless {@code atOnce};
   * returns the source's last revision, which {@code draft} then has.
   */
  long follow(RevisionStream stream, Draft draft, boolean atOnce)
      throws IOException, InterruptedException {
    Pursuit pursuit = new Pursuit(stream, draft, source::revision, course);
    course.enter(Phase.SEED);
    pursuit.takeBase();
    course.enter(Phase.CATCH_UP);
    pursuit.catchUp();
    course.enter(Phase.STEADY);
    pursuit.followUntilCutover(atOnce);
    fence.prepare();
    do {
      pursuit.closeUp(); // users that were changed come with a new base, within seconds
    } while (!hasTheUsers(draft));
    long last = new Halt(source, fence, pursuit, course).run();
    if (!hasTheUsers(draft)) {
      throw new LodestoneException(
          "users or roles of the source were changed in the moment of its fence",
          "leave them alone for as long as the cutover takes, and ask for it again");
    }
    return last;
  }

  /** Etcd 3.4 does not count; there, users are compared once the destination runs. */
  private boolean hasTheUsers(Draft draft) {
    OptionalLong changes = source.authRevision();
    return changes.isEmpty() || changes.getAsLong() == draft.authRevision();
  }
}
