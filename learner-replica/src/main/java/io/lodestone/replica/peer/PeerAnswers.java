package io.lodestone.replica.peer;

import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.util.List;

/** What other members may ask about our copy. Thread-safe. */
public interface PeerAnswers {

  /** All members as the copy knows them; empty while there is no copy. */
  List<Member> members();

  /** A hash, and how far the copy was then. Immutable. */
  record Hashed(HashKv hash, long reached) {}

  /**
   * HashKV at {@code revision}, 0 for the newest. Fails with a {@link StoreException} where it
   * cannot be told: a member takes that for no answer, but a wrong hash for a corrupt copy.
   */
  Hashed hash(long revision) throws IOException;
}
