import type { Explanation } from "@modwarden/access";
import type { Decider } from "./decide.ts";
import type { Policy, Question } from "./question.ts";

/**
 * Judges by the rules that are in force, and says beside it what would be with those that are only tried, where that is
 * something else.
 */
export function shadowed(inForce: Decider, tried: Decider): Pick<Policy, "decide" | "screen" | "needs"> {
  return {
    decide: (question) => beside(inForce.decide(question), tried.decide(question)),
    screen(question) {
      const real = inForce.screen(question);
      if (real !== undefined && !real.permit) return beside(real, tried.decide(question));
      const other = tried.screen(question);
      return real === undefined || other === undefined ? undefined : beside(real, other);
    },
    needs: (question: Question) => {
      // The rules that are tried hold those that are in force as well.
      return tried.needs(question);
    },
  };
}

function beside(real: Explanation, other: Explanation): Explanation {
  // A policy that is in shadow mode as a whole permits either way: it says what would be refused, and no second opinion.
  if (real.permit === other.permit) return real;
  const { because, rules } = other;
  return { ...real, shadow: { permit: other.permit, ...(because === undefined ? {} : { because }), rules } };
}
