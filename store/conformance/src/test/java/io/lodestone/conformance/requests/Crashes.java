package io.lodestone.conformance.requests;

import java.nio.file.Path;

/** Everyday requests, and now and then both servers are killed and brought back. */
final class Crashes implements Game {
  private static final int EVERY = 150;

  private final Everyday everyday;
  private int turns;

  Crashes(Dice dice, Path folder) {
    this.everyday = new Everyday(dice, folder, TxnRequests::replayable);
  }

  @Override
  public void turn(Duel duel) throws InterruptedException {
    everyday.turn(duel);
    if (++turns % EVERY == 0) {
      everyday.crash(duel);
    }
  }

  @Override
  public void finish(Duel duel) throws InterruptedException {
    everyday.finish(duel);
  }
}
