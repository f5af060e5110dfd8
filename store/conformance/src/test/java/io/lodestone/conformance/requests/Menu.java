package io.lodestone.conformance.requests;

import java.util.ArrayList;
import java.util.List;

/** Acts to draw from, each as often as its weight says. Confined to one thread. */
final class Menu {
  private final Dice dice;
  private final List<Act> acts = new ArrayList<>();
  private final List<Integer> bounds = new ArrayList<>();
  private int total;

  Menu(Dice dice) {
    this.dice = dice;
  }

  Menu add(int weight, Act act) {
    total += weight;
    acts.add(act);
    bounds.add(total);
    return this;
  }

  Act draw() {
    int drawn = dice.below(total);
    int at = 0;
    while (bounds.get(at) <= drawn) {
      at++;
    }
    return acts.get(at);
  }
}
