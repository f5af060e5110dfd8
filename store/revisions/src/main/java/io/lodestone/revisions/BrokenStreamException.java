package io.lodestone.revisions;

import io.lodestone.api.LodestoneException;

/**
 * A source broke the contract of the stream: a gap, a repetition, a split revision, an item out of
 * place.
 */
public final class BrokenStreamException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  public BrokenStreamException(String message) {
    super(
        message,
        "this must not happen with an intact source: verify the source, then begin a new base");
  }
}
