package io.lodestone.replica;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import java.util.List;

/** Asks whether a cluster is still there, before something else takes its place. Thread-safe. */
public final class LivingSource {
  private final EtcdConnection source;

  /**
   * @param source stays the caller's to close
   */
  public LivingSource(EtcdConnection source) {
    this.source = source;
  }

  /**
   * Members that answer, though the cluster as a whole does not.
   *
   * @throws LodestoneException where it does: two clusters that both take writes part for ever
   */
  public List<String> requireGone() {
    long revision;
    try {
      revision = source.revision();
    } catch (LodestoneException e) {
      return answering();
    }
    throw new LodestoneException(
        "the source answers, and is at revision " + revision,
        "stop it first, so that nobody writes to it any more; or --force, if its clients cannot reach it");
  }

  private List<String> answering() {
    return source.endpoints().stream().filter(this::answers).map(Endpoint::toString).toList();
  }

  private boolean answers(Endpoint endpoint) {
    try {
      source.status(endpoint);
      return true;
    } catch (LodestoneException e) {
      // As expected: it is gone.
      return false;
    }
  }
}
