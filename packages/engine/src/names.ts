/** Given names that people use for one another. One line a group; folded to lower case without accents. */
const GROUPS = `
abigail abby|albert al bert|alexander alex sandy sasha|alexandra alex sandra sasha|alfred al fred|amanda mandy|andrew andy drew
angela angie|ann anna anne annie nancy|anthony tony|antonio tony|arthur art|barbara barb babs|benjamin ben benny|bernard bernie
bradley brad|brenda bren|calvin cal|caroline carol carrie|catherine cathy kate katie kathy|charles charlie chuck chas
christina chris tina christy|christine chris tina christy|christopher chris kit|clifford cliff|cynthia cindy|daniel dan danny
david dave davey|deborah deb debbie debra|dennis denny|donald don donnie|dorothy dot dottie|douglas doug|edward ed eddie ted ned
edwin ed eddie|elizabeth liz beth betsy betty eliza lisa libby|emily em|eugene gene|frances fran|francis frank|franklin frank
frederick fred freddie|gabriel gabe|george geo|gerald jerry gerry|gregory greg|harold hal harry|henry hank harry|herbert herb
howard howie|isabella bella|jacob jake|jacqueline jackie|james jim jimmy jamie|janet jan|jeffrey jeff|jennifer jen jenny
jeremiah jerry|jessica jess|john jack johnny jon|jonathan jon|joseph joe joey|joshua josh|judith judy|julia julie|katherine kate katie kathy kat
kathleen kathy kate|kenneth ken kenny|kimberly kim|laurence larry|lawrence larry|leonard len lenny leo|leslie les|linda lindy|lucille lucy
margaret maggie meg peggy marge|martin marty|matthew matt|melissa mel|michael mike mickey mick|michelle shelly|mitchell mitch|nathan nate
nathaniel nate nathan|nicholas nick nicky|norman norm|pamela pam|patricia pat patty tricia trish|patrick pat paddy|peter pete|philip phil
phillip phil|rafael rafa|ralph ralphie|randall randy|raymond ray|rebecca becky becca|richard rich rick dick ricky|robert bob rob bobby robbie
rodney rod|ronald ron ronnie|russell russ|samantha sam|samuel sam sammy|sandra sandy|sharon shari|stephanie steph|stephen steve|steven steve
stuart stu|susan sue susie suzy|suzanne sue suzy|sylvester sly|theodore ted teddy theo|theresa terry tess|thomas tom tommy|timothy tim timmy
valerie val|victor vic|victoria vicky tori|vincent vince|walter walt wally|wesley wes|william bill will billy willie|zachary zach`;

const groupsOf: ReadonlyMap<string, ReadonlySet<number>> = (() => {
  const map = new Map<string, Set<number>>();
  GROUPS.trim()
    .split(/[|\n]/)
    .forEach((group, index) => {
      for (const name of group.trim().split(' ')) {
        const groups = map.get(name) ?? new Set<number>();
        groups.add(index);
        map.set(name, groups);
      }
    });
  return map;
})();

function sharesGroup(x: string, y: string): boolean {
  const groups = groupsOf.get(x);
  const others = groupsOf.get(y);
  return groups !== undefined && others !== undefined && [...groups].some((group) => others.has(group));
}

/** Edit distance with adjacent transpositions, given up beyond 1. */
function withinOneEdit(x: string, y: string): boolean {
  if (Math.abs(x.length - y.length) > 1) return false;
  let i = 0;
  while (i < x.length && x[i] === y[i]) i++;
  const restX = x.slice(i);
  const restY = y.slice(i);
  if (restX.slice(1) === restY || restX === restY.slice(1) || restX.slice(1) === restY.slice(1)) return true;
  return (
    restX.length > 1 && restX[0] === restY[1] && restX[1] === restY[0] && restX.slice(2) === restY.slice(2)
  );
}

function similarGiven(x: string, y: string): boolean {
  if (x === '' || y === '') return false;
  const firstX = x.split(' ')[0] ?? '';
  const firstY = y.split(' ')[0] ?? '';
  if (firstX === firstY || sharesGroup(firstX, firstY)) return true;
  if (firstX.length === 1 || firstY.length === 1) return firstX[0] === firstY[0];
  return Math.min(firstX.length, firstY.length) >= 4 && withinOneEdit(firstX, firstY);
}

/** Names as {@link import('./features.ts').Features} folds them: lower case, no accents, single spaces. */
export function similarNames(
  x: { first: string; last: string },
  y: { first: string; last: string },
): boolean {
  const sameLast = x.last === y.last;
  const nearLast = Math.min(x.last.length, y.last.length) >= 5 && withinOneEdit(x.last, y.last);
  const hyphenated = x.last.split(' ').includes(y.last) || y.last.split(' ').includes(x.last);
  if (!sameLast && !nearLast && !hyphenated) return false;
  return sameLast ? similarGiven(x.first, y.first) : x.first !== '' && x.first === y.first;
}
