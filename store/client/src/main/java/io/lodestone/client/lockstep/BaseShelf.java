package io.lodestone.client.lockstep;

import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import java.io.IOException;

/**
 * Keeps one base while a destination is brought to it: a base is read twice, and the source tells
 * it once.
 */
public interface BaseShelf {

  /** Takes a base, instead of the one that was there. */
  RevisionSink put() throws IOException;

  /** The base that was committed last, from its start to an end. */
  RevisionStream take() throws IOException;
}
